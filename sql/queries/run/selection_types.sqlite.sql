-- Finds the first values that are of another type than they must be, since SQLite's columns have
-- none of their own. Safe: it only reads, and what it finds rolls the opening of the run back.
select s.query, coalesce(cast(s.payment_id as text), '') as payment_id, s.fault
from (
  select query, payment_id, case
      when typeof(amount) not in ('integer', 'null') then 'amount is no integer of minor units'
      when typeof(settled_amount) not in ('integer', 'null') then 'settled_amount is no integer of minor units'
      when typeof(lifetime) not in ('integer', 'null') then 'lifetime is no integer of seconds'
      when created_at not glob :time then 'created_at is not written as 2006-01-02T15:04:05.000000Z'
      when updated_at not glob :time then 'updated_at is not written as 2006-01-02T15:04:05.000000Z'
      when typeof(payment_id) not in ('text', 'null') then 'payment_id is no text'
      when typeof(project_id) not in ('text', 'null') then 'project_id is no text'
      when typeof(currency) not in ('text', 'null') then 'currency is no text'
      when typeof(status) not in ('text', 'null') then 'status is no text'
      when typeof(sub_status) not in ('text', 'null') then 'sub_status is no text'
    end as fault
  from (
    select query, project_id, payment_id, amount, currency, status, sub_status, settled_amount,
           lifetime, created_at, updated_at
    from hhrecon_selection where run_id = :run_id
    union all
    select 'open_payins.sql', project_id, payment_id, amount, currency, status, sub_status, settled_amount,
           lifetime, created_at, updated_at
    from hhrecon_unresolved where run_id = :run_id
  )
) as s
where s.fault is not null
order by s.query desc, s.payment_id
limit 3
