-- Returns the start of the time window of the project's last run over all open payins. That run saved older payins as
-- unresolved.
-- The statement only reads.
select window_from
from hhrecon_run
where project_id = :project_id and whole and not dry_run and closed_at is not null
order by id desc
limit 1
