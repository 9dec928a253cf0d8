-- The merchant's row of one payin as it is, by one of the queries that know it; two, if it has several. It is prepared
-- once a batch. Safe: it only reads.
select p.payment_id, p.amount, p.currency, p.status, p.sub_status, p.settled_amount, p.updated_at
from (
  :payins
) as p
where p.payment_id = :payment_id
limit 2
