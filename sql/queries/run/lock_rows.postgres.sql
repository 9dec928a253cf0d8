-- Locks the merchant's rows of some payins, by one of the queries that know them, and returns them as they are. Safe: a
-- row that another transaction has locked is skipped, so nothing waits; foreign keys on the table may still be checked.
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from (
  :payins
) as q
where q.payment_id = any(cast(:payment_ids as text[]))
for no key update of q skip locked
