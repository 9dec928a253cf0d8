-- Returns the merchant's current rows of some payins, using one of the merchant's queries. If a payin has several rows,
-- the statement returns two of the rows.
-- The statement only reads. Because of "limit 2", the planner looks up each payin by its key. Without this limit, the
-- planner could read all of the project's rows if its statistics are poor.
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
