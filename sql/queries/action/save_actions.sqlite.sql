-- Adds one action to the audit log. The statement is prepared once for a batch.
-- The statement is safe because it copies the row before and after the action inside the database, so nulls stay
-- nulls. It runs in the transaction that wrote the row.
insert into hhrecon_action (
  project_id, run_id, seq, payment_id, currency, status_before, sub_status_before,
  settled_amount_before, updated_at_before, status_after, sub_status_after, settled_amount_after,
  version, kind, result, reason, reason_code, reason_args, updated_at_after, who, note, acted_at, facts, chain_seq, hash, answer_digest, key_id
)
select project_id, :run_id, seq, payment_id, currency, status, sub_status,
       settled_amount, updated_at, status_after, sub_status_after, settled_amount_after,
       :version, :kind, :result, :reason, :reason_code, :reason_args,
       nullif(:updated_at_after, ''), :actor, :note, :acted_at, :facts, :chain_seq, :hash,
       nullif(:answer_digest, ''), :key_id
from hhrecon_selection
where run_id = :planned and seq = :seq
