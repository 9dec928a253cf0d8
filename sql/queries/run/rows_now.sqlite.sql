-- The merchant's row of one payin as it is, by the two queries that know it; it is prepared once a batch. A payin that
-- both return is the same row, and is read by the first. Safe: it only reads.
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from (
  select f.payment_id, f.amount, f.currency, f.status, f.sub_status, f.settled_amount, f.updated_at
  from (
    :final_payins
  ) as f
  union all
  select o.payment_id, o.amount, o.currency, o.status, o.sub_status, o.settled_amount, o.updated_at
  from (
    :open_payins
  ) as o
) as q
where q.payment_id = :payment_id
limit 1
