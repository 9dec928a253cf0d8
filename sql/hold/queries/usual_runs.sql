-- Returns the project's last closed runs over all open payins that decided by class which corrections to hold, newest
-- first.
-- The statement only reads, using the index hhrecon_run_whole.
select classes, selected
from hhrecon_run
where project_id = :project_id and whole and not dry_run and closed_at is not null and classes <> ''
order by id desc
limit 200
