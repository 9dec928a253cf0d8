-- Returns rows of one of the merchant's queries. The queries are tested on these rows.
-- The statement only reads.
select :query as query, q.project_id, q.payment_id, q.amount, q.currency, q.status, q.sub_status,
       q.settled_amount, q.lifetime, q.created_at, q.updated_at
from (
  :payins
) as q
where q.payment_id is not null
limit :limit
