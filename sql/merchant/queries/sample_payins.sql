-- Returns the newest payins of one of the merchant's queries, without faulty rows. A person compares these payins with
-- HighHelp's answers.
-- The statement only reads.
select q.payment_id, q.amount, q.currency, q.status, q.created_at
from (
  :payins
) as q
where q.payment_id is not null and q.amount is not null and q.currency is not null and q.status is not null
  and q.created_at >= :from and q.created_at < :to
order by q.created_at desc
limit :limit
