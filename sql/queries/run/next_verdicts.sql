-- The next verdicts behind a place to become findings. The first nine columns are for the batch, the rest is what the
-- hash of a finding is made of, as in entries_of_findings.sql. Safe: it only reads; the caller holds the fence, so the
-- verdicts stay as they are. The planner's statistics are of the opening, when no payin had an outcome: by "is not null" it
-- would expect next to none, and read the whole rest of the run to sort it, batch after batch.
select seq, payment_id, changes, coalesce(locked, false) as locked, coalesce(classes, 0) as classes, reason, reason_code, reason_args, facts,
       cast(:version as bigint) as version, run_id, seq, project_id, payment_id, outcome, causes, amount, initial_amount, old_amount,
       paid_amount, currency, status, sub_status, settled_amount, lifetime, created_at,
       updated_at, provider_status, provider_sub_status, request_id, expires_at, status_after,
       sub_status_after, settled_amount_after, harmful, result, cast(null as text) as answer,
       answer_digest, checked_at
from hhrecon_selection
where run_id = :run_id and seq > :after and coalesce(outcome, '') <> ''
order by seq
limit :limit
