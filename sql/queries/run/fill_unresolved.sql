-- Lists the open payins that left the window since the last whole run. Safe: the merchant's query is
-- asked for the span between the two windows, so a payin is listed once and in no selection.
insert into hhrecon_unresolved (
  run_id, seq, project_id, payment_id, amount, currency, status, sub_status,
  settled_amount, lifetime, created_at, updated_at
)
select cast(:run_id as bigint), row_number() over (order by o.created_at, o.payment_id),
       o.project_id, o.payment_id, o.amount, o.currency, o.status, o.sub_status,
       o.settled_amount, o.lifetime, o.created_at, o.updated_at
from (
  :open_payins
) as o
