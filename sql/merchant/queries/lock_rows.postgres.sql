-- Locks the merchant's rows of a batch, using one of the merchant's queries. It returns the positions of the rows that
-- have not changed since they were read.
-- The statement is safe because it skips rows that another transaction has locked, so it does not wait. Other
-- transactions can still check foreign keys to the table. Each payin is looked up by its key, as in
-- current_rows.postgres.sql.
select s.seq
from hhrecon_selection as s
cross join lateral (
  select p.payment_id, p.amount, p.currency, p.status, p.sub_status, p.settled_amount, p.updated_at
  from (
    :payins
  ) as p
  where p.payment_id = s.payment_id
  offset 0
) as q
where s.run_id = :run_id and s.seq between :first and :last and s.changes
  and q.status is not distinct from s.status
  and q.sub_status is not distinct from s.sub_status
  and q.settled_amount is not distinct from s.settled_amount
  and q.updated_at is not distinct from s.updated_at
  and q.amount is not distinct from s.amount
  and q.currency is not distinct from s.currency
for no key update of q skip locked
