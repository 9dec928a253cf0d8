-- Returns one payin as both of the merchant's queries return it.
-- The statement only reads.
select q.query, q.project_id, q.payment_id, q.amount, q.currency, q.status, q.sub_status,
       q.settled_amount, q.lifetime, q.created_at, q.updated_at
from (
  select 'open_payins.sql' as query, o.project_id, o.payment_id, o.amount, o.currency, o.status, o.sub_status,
         o.settled_amount, o.lifetime, o.created_at, o.updated_at
  from (
    :open_payins
  ) as o
  union all
  select 'final_payins.sql', f.project_id, f.payment_id, f.amount, f.currency, f.status, f.sub_status,
         f.settled_amount, f.lifetime, f.created_at, f.updated_at
  from (
    :final_payins
  ) as f
) as q
where q.payment_id = :payment_id
