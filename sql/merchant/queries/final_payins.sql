-- Returns the project's final payins that changed at or after :from. A run queries HighHelp about these payins again.
-- The statement only reads, and a run never changes a final row.
select project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime,
       created_at, updated_at
from payins
where project_id = :project_id
  and updated_at >= :from
  and status in (:final_statuses)
