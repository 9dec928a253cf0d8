-- Marks the selected rows that are faulty, and makes of them what a finding can hold: an amount of 0, an empty text, or no
-- time. What a payment_id, an amount or a currency may be is looked at when they are judged. Safe: no such row is asked
-- about or written.
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
