-- The merchant's rows of some payins as they are, by the two queries that know them. A payin that both return
-- is the same row. Safe: it only reads.
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from (
  :open_payins
) as q
where q.payment_id = any(cast(:payment_ids as text[]))
union all
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from (
  :final_payins
) as q
where q.payment_id = any(cast(:payment_ids as text[]))
