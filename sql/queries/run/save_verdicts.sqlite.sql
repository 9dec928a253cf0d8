-- Saves one verdict in the selection. The statement is prepared once for a batch.
-- The statement is safe because the caller holds the lease on the run. A verdict is saved only if it belongs to the
-- payin at its position and the payin has no verdict. Columns that the verdict does not change keep the row's exact
-- value, including null or empty.
update hhrecon_selection
set outcome = :outcome,
    causes = :causes,
    initial_amount = nullif(:initial_amount, 0),
    old_amount = nullif(:old_amount, 0),
    paid_amount = nullif(:paid_amount, 0),
    provider_status = nullif(:provider_status, ''),
    provider_sub_status = nullif(:provider_sub_status, ''),
    request_id = nullif(:request_id, ''),
    expires_at = nullif(:expires_at, ''),
    status_after = case when :changes then :status_after else status end,
    sub_status_after = case when not :changes or :sub_status_after = coalesce(sub_status, '') then sub_status
      else nullif(:sub_status_after, '') end,
    settled_amount_after = case when not :changes or :settled_amount_after = coalesce(settled_amount, 0) then settled_amount
      else nullif(:settled_amount_after, 0) end,
    changes = :changes,
    harmful = :harmful,
    classes = :classes,
    result = :result,
    answer_digest = nullif(:answer_digest, ''),
    reason = :reason,
    reason_code = :reason_code,
    reason_args = :reason_args,
    checked_at = nullif(:checked_at, ''),
    facts = nullif(:facts, '')
where run_id = :run_id and seq = :seq and payment_id = :payment_id and outcome is null
