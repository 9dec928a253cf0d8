-- Saves the open payins that left the window since the last whole run. Invalid values become empty. Of several rows
-- with one payment_id, one is saved. Safe: the merchant's query runs for the span between the two windows, so a payin
-- is saved once and is in no selection.
insert into hhrecon_unresolved (
  run_id, seq, project_id, payment_id, amount, currency, status, sub_status,
  settled_amount, lifetime, created_at, updated_at
)
select cast(:run_id as bigint), row_number() over (order by o.created_at, o.payment_id),
       o.project_id, coalesce(o.payment_id, ''), coalesce(o.amount, 0), coalesce(o.currency, ''), o.status, o.sub_status,
       o.settled_amount, o.lifetime, o.created_at, case when isfinite(o.updated_at) then o.updated_at end
from (
  select p.*, row_number() over (partition by p.payment_id order by p.created_at, p.updated_at) as nth
  from (
    :open_payins
  ) as p
) as o
where o.nth = 1 and isfinite(o.created_at)
