-- Adds to a verdict's reason that the merchant's table rejected the correction.
-- The statement is safe because the verdict becomes a finding later in this transaction.
update hhrecon_selection
set reason = :reason, reason_args = :reason_args
where run_id = :run_id and seq = :seq
