-- Writes the corrections of one batch into the merchant's rows, and returns the written payins with their new
-- updated_at.
-- The statement is safe because it writes a row only if the row's status, sub_status, settled_amount, updated_at,
-- amount and currency still have the values that were read. The row is looked up by its key. "is not distinct from"
-- prevents the planner from using an index on updated_at, which thousands of rows may share.
update payins as p
set status = s.status_after,
    sub_status = s.sub_status_after,
    settled_amount = s.settled_amount_after,
    updated_at = coalesce(s.updated_at_after, :now)
from hhrecon_selection as s
where s.run_id = :run_id
  and s.seq between :first and :last
  and s.changes
  and p.project_id = s.project_id
  and p.payment_id = s.payment_id
  and p.status = s.status
  and p.sub_status is not distinct from s.sub_status
  and p.settled_amount is not distinct from s.settled_amount
  and p.updated_at is not distinct from s.updated_at
  and p.amount is not distinct from s.amount
  and p.currency is not distinct from s.currency
returning p.payment_id, p.updated_at
