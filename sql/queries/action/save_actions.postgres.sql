-- Adds a batch of actions to the audit log in one statement.
-- The statement is safe because it copies the rows before and after the action inside the database, so nulls stay
-- nulls. It runs in the transaction that wrote the rows. Each row is looked up by its key, as in
-- save_findings.postgres.sql.
insert into hhrecon_action (
  project_id, run_id, seq, payment_id, currency, status_before, sub_status_before,
  settled_amount_before, updated_at_before, status_after, sub_status_after, settled_amount_after,
  version, kind, result, reason, reason_code, reason_args, updated_at_after, who, note, acted_at, facts, chain_seq, hash, answer_digest, key_id
)
select s.project_id, :run_id, s.seq, s.payment_id, s.currency, s.status, s.sub_status,
       s.settled_amount, s.updated_at, s.status_after, s.sub_status_after, s.settled_amount_after,
       cast(:version as smallint), :kind, v.result, v.reason, v.reason_code, v.reason_args,
       cast(nullif(v.updated_at_after, '') as timestamptz), :actor, :note, :acted_at, :facts,
       v.chain_seq, v.hash, nullif(v.answer_digest, ''), cast(:key_id as text)
from unnest(
  cast(:seq as bigint[]), cast(:result as text[]), cast(:reason as text[]),
  cast(:reason_code as text[]), cast(:reason_args as text[]),
  cast(:updated_at_after as text[]), cast(:chain_seq as bigint[]), cast(:hash as text[]),
  cast(:answer_digest as text[])
) as v (seq, result, reason, reason_code, reason_args, updated_at_after, chain_seq, hash, answer_digest)
cross join lateral (
  select * from hhrecon_selection where run_id = cast(:planned as bigint) and seq = v.seq
  offset 0
) as s
