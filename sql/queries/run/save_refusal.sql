-- Adds to a verdict's reason that the merchant's table refused its correction. Safe: the verdict is
-- not a finding yet, and becomes one in this transaction.
update hhrecon_selection
set reason = :reason, reason_args = :reason_args
where run_id = :run_id and seq = :seq
