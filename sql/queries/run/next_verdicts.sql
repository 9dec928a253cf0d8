-- Returns the next verdicts after a position. The caller turns them into findings. The first nine columns are for the
-- batch. The finding's hash is computed from the other columns, as in entries_of_findings.sql.
-- The statement only reads, and the caller holds the lease on the run, so the verdicts do not change. The condition is
-- not "is not null", because the planner's statistics are older than the first verdict. With "is not null", PostgreSQL
-- would expect no rows, and sort the rest of the run for every batch.
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
