-- Adds a finding for one verdict. The statement is prepared once for a batch.
-- The statement is safe because the verdict is copied inside the database. The same transaction corrects the row and
-- deletes the payin from the selection. The parameters contain the result of the correction and the position in the
-- audit log.
insert into hhrecon_finding (
  run_id, seq, project_id, payment_id, outcome, causes, merchant_amount, initial_amount, old_amount,
  amount, currency, status_before, sub_status_before, settled_amount_before, lifetime, created_at,
  updated_at, provider_status, provider_sub_status, request_id, expires_at, status_after,
  sub_status_after, settled_amount_after, harmful, result, answer_digest, checked_at, reason,
  version, reason_code, reason_args, facts, correction, corrected_at, chain_seq, hash, key_id
)
select run_id, seq, project_id, payment_id, outcome, causes, amount, initial_amount,
       old_amount, paid_amount, currency, status, sub_status, settled_amount, lifetime,
       created_at, updated_at, provider_status, provider_sub_status, request_id,
       expires_at, status_after, sub_status_after, settled_amount_after, harmful, result,
       answer_digest, checked_at, reason, :version, reason_code, reason_args, facts, :correction, nullif(:corrected_at, ''), :chain_seq, :hash, :key_id
from hhrecon_selection
where run_id = :run_id and seq = :seq and outcome is not null
