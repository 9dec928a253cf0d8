-- Returns the payins that a run would select, for a dry run in another database.
-- The statement only reads. If a row has no amount or no currency, the dry run cannot judge the row either.
select q.project_id, q.payment_id, coalesce(q.amount, 0) as amount, coalesce(q.currency, '') as currency, q.status,
       coalesce(q.sub_status, '') as sub_status, coalesce(q.settled_amount, 0) as settled_amount,
       coalesce(q.lifetime, 0) as lifetime, q.created_at, q.updated_at
from (
  select o.project_id, o.payment_id, o.amount, o.currency, o.status, o.sub_status, o.settled_amount, o.lifetime,
         o.created_at, o.updated_at
  from (
    :open_payins
  ) as o
  union all
  select f.project_id, f.payment_id, f.amount, f.currency, f.status, f.sub_status, f.settled_amount, f.lifetime,
         f.created_at, f.updated_at
  from (
    :final_payins
  ) as f
  where :recheck
) as q
where :all or q.payment_id in (:payment_ids)
