-- Adds findings for a batch of verdicts in one statement.
-- The statement is safe because the verdicts are copied inside the database. The same transaction corrects the rows and
-- deletes the payins from the selection. The parameters contain the results of the corrections and the positions in the
-- audit log. Because of "offset 0", the planner looks up each payin by its key. With the statistics of an empty run, it
-- would otherwise compare all rows with each other.
insert into hhrecon_finding (
  run_id, seq, project_id, payment_id, outcome, causes, merchant_amount, initial_amount, old_amount,
  amount, currency, status_before, sub_status_before, settled_amount_before, lifetime, created_at,
  updated_at, provider_status, provider_sub_status, request_id, expires_at, status_after,
  sub_status_after, settled_amount_after, harmful, result, answer_digest, checked_at, reason,
  version, reason_code, reason_args, facts, correction, corrected_at, chain_seq, hash, key_id
)
select s.run_id, s.seq, s.project_id, s.payment_id, s.outcome, s.causes, s.amount, s.initial_amount,
       s.old_amount, s.paid_amount, s.currency, s.status, s.sub_status, s.settled_amount, s.lifetime,
       s.created_at, s.updated_at, s.provider_status, s.provider_sub_status, s.request_id,
       s.expires_at, s.status_after, s.sub_status_after, s.settled_amount_after, s.harmful, s.result,
       s.answer_digest, s.checked_at, s.reason, cast(:version as smallint), s.reason_code, s.reason_args, s.facts, v.correction, cast(nullif(v.corrected_at, '') as timestamptz),
       v.chain_seq, v.hash, cast(:key_id as text)
from unnest(
  cast(:seq as bigint[]), cast(:correction as text[]), cast(:corrected_at as text[]),
  cast(:chain_seq as bigint[]), cast(:hash as text[])
) as v (seq, correction, corrected_at, chain_seq, hash)
cross join lateral (
  select * from hhrecon_selection where run_id = :run_id and seq = v.seq and outcome is not null
  offset 0
) as s
