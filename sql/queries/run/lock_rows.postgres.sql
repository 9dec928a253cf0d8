-- Locks the merchant's rows of some payins, by one of the queries that know them, and returns them as they are. Safe: a
-- row that another transaction has locked is skipped, so nothing waits; foreign keys on the table may still be checked.
-- Each payin is looked up for itself, as in rows_now.postgres.sql.
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from unnest(cast(:payment_ids as text[])) as i (payment_id)
cross join lateral (
  select p.payment_id, p.amount, p.currency, p.status, p.sub_status, p.settled_amount, p.updated_at
  from (
    :payins
  ) as p
  where p.payment_id = i.payment_id
  offset 0
) as q
for no key update of q skip locked
