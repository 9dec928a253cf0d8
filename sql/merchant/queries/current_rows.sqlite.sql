-- Returns the merchant's current row of one payin, using one of the merchant's queries. If the payin has several rows,
-- the statement returns two of the rows. The statement is prepared once for a batch.
-- The statement only reads.
select p.payment_id, p.amount, p.currency, p.status, p.sub_status, p.settled_amount, p.updated_at
from (
  :payins
) as p
where p.payment_id = :payment_id
limit 2
