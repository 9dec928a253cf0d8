-- The merchant's rows of some payins as they are, by one of the queries that know them; two of a payin that has several.
-- Safe: it only reads. Each payin is looked up for itself (limit 2 sees to it), because a planner that knows the table
-- badly would read all of the project's rows.
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from unnest(cast(:payment_ids as text[])) as i (payment_id)
cross join lateral (
  select p.payment_id, p.amount, p.currency, p.status, p.sub_status, p.settled_amount, p.updated_at
  from (
    :payins
  ) as p
  where p.payment_id = i.payment_id
  limit 2
) as q
