-- Returns the merchant's current rows of some payins, by one of the merchant's queries; two rows for a payin that has
-- several. Safe: it only reads. "limit 2" makes the planner look up each payin by its key: without good statistics it
-- would read all of the project's rows.
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
