-- The merchant's rows of some payins as they are, by the two queries that know them. A payin that both return
-- is the same row. Safe: it only reads.
select q.payment_id, q.status, q.sub_status, q.settled_amount, q.updated_at
from (
  select o.payment_id, o.status, o.sub_status, o.settled_amount, o.updated_at
  from (
    :open_payins
  ) as o
  union all
  select f.payment_id, f.status, f.sub_status, f.settled_amount, f.updated_at
  from (
    :final_payins
  ) as f
) as q
where q.payment_id in (:payment_ids)
