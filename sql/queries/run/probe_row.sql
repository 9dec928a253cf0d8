-- One row that the merchant's query returns, to prove correct_payins.sql on. Safe: it only reads.
select q.payment_id, q.amount, q.currency, q.status, q.sub_status, q.settled_amount, q.updated_at
from (
  :payins
) as q
where q.project_id = :project_id and q.payment_id is not null and q.status is not null and q.updated_at is not null
limit 1
