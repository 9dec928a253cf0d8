-- Returns the project's run for a scheduled time.
-- The statement only reads, using the index hhrecon_run_due.
select id
from hhrecon_run
where project_id = :project_id and due = :due and due <> ''
