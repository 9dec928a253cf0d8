-- Returns the merchant's current row of one payin, by one of the merchant's queries; two rows if there are several. The
-- statement is prepared once for a batch. Safe: it only reads.
select p.payment_id, p.amount, p.currency, p.status, p.sub_status, p.settled_amount, p.updated_at
from (
  :payins
) as p
where p.payment_id = :payment_id
limit 2
