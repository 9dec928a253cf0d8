-- Marks the selected rows that are faulty. It replaces values that a finding cannot store with an amount of 0, an empty
-- text or null. It checks the type of each value, because SQLite's columns do not enforce types. Other faults of
-- payment_id, amount and currency are found when the row is judged.
-- The statement is safe because a marked row is neither queried nor written.
update hhrecon_selection
set facts = coalesce(facts, '{"fault":"' || case
      when status is null then 'fault.status'
      when typeof(amount) <> 'integer' then 'fault.amount'
      when currency is null then 'fault.currency'
      when typeof(settled_amount) not in ('integer', 'null') then 'fault.settled_amount'
      when typeof(lifetime) not in ('integer', 'null') then 'fault.lifetime'
      when created_at is null or created_at not glob :time then 'fault.created_at'
      when updated_at not glob :time then 'fault.updated_at'
      else 'fault.text'
    end || '"}'),
    payment_id = cast(payment_id as text),
    status = coalesce(cast(status as text), ''),
    sub_status = cast(sub_status as text),
    amount = case when typeof(amount) = 'integer' then amount else 0 end,
    currency = coalesce(cast(currency as text), ''),
    settled_amount = case when typeof(settled_amount) = 'integer' then settled_amount end,
    lifetime = case when typeof(lifetime) = 'integer' then lifetime end,
    created_at = case when created_at glob :time then created_at end,
    updated_at = case when updated_at glob :time then updated_at end
where run_id = :run_id
  and (typeof(payment_id) <> 'text' or typeof(status) <> 'text' or typeof(currency) <> 'text'
    or typeof(sub_status) not in ('text', 'null') or typeof(amount) <> 'integer'
    or typeof(settled_amount) not in ('integer', 'null') or typeof(lifetime) not in ('integer', 'null')
    or created_at is null or created_at not glob :time or updated_at not glob :time)
