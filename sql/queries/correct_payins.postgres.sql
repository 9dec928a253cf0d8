-- Writes the corrections of one batch into the merchant's rows and returns whose rows it wrote, and when by
-- their own account. Safe: a row is written only while its status, sub_status, settled_amount and updated_at are
-- as they were read; rows are locked in the order of their key, so that two writers that keep to it cannot lock
-- each other out. A row is found by its key only: "is not distinct from" keeps the planner from an index on
-- updated_at, which thousands of rows may share.
with planned as (
  select p.project_id, p.payment_id, s.status, s.sub_status, s.settled_amount, s.updated_at,
         s.status_after, s.sub_status_after, s.settled_amount_after, s.updated_at_after
  from hhrecon_selection as s
  join payins as p on p.project_id = s.project_id and p.payment_id = s.payment_id
  where s.run_id = :run_id
    and s.seq between :first and :last
    and s.changes
    and p.status = s.status
    and p.sub_status is not distinct from s.sub_status
    and p.settled_amount is not distinct from s.settled_amount
    and p.updated_at is not distinct from s.updated_at
  order by p.project_id, p.payment_id
  for update of p
)
update payins as p
set status = planned.status_after,
    sub_status = planned.sub_status_after,
    settled_amount = planned.settled_amount_after,
    updated_at = coalesce(planned.updated_at_after, :now)
from planned
where p.project_id = planned.project_id
  and p.payment_id = planned.payment_id
  and p.status = planned.status
  and p.sub_status is not distinct from planned.sub_status
  and p.settled_amount is not distinct from planned.settled_amount
  and p.updated_at is not distinct from planned.updated_at
returning p.payment_id, p.updated_at
