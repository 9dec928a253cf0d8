-- Marks the selected rows that are faulty. It replaces values that a finding cannot store with an amount of 0, an empty
-- text or null. Other faults of payment_id, amount and currency are found when the row is judged.
-- The statement is safe because a marked row is neither queried nor written.
update hhrecon_selection
set facts = coalesce(facts, '{"fault":"' || case
      when status is null then 'fault.status'
      when amount is null then 'fault.amount'
      when currency is null then 'fault.currency'
      when created_at is null or not isfinite(created_at) then 'fault.created_at'
      else 'fault.updated_at'
    end || '"}'),
    status = coalesce(status, ''),
    amount = coalesce(amount, 0),
    currency = coalesce(currency, ''),
    created_at = case when isfinite(created_at) then created_at end,
    updated_at = case when isfinite(updated_at) then updated_at end
where run_id = :run_id
  and (status is null or amount is null or currency is null or created_at is null
    or not isfinite(created_at) or not isfinite(updated_at))
