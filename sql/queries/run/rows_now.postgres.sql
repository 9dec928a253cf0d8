-- The merchant's rows of some payins as they are, by the two queries that know them. A payin that both return is the
-- same row, and is read by the first. Safe: it only reads. Each payin is looked up for itself (limit 1 sees to it),
-- because a planner that knows the table badly would read all of the project's rows.
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from unnest(cast(:payment_ids as text[])) as i (payment_id)
cross join lateral (
  select f.payment_id, f.amount, f.currency, f.status, f.sub_status, f.settled_amount, f.updated_at
  from (
    :final_payins
  ) as f
  where f.payment_id = i.payment_id
  union all
  select o.payment_id, o.amount, o.currency, o.status, o.sub_status, o.settled_amount, o.updated_at
  from (
    :open_payins
  ) as o
  where o.payment_id = i.payment_id
  limit 1
) as q
