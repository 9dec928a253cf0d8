-- Returns the start of the project's last closed whole run, which is a run over all open payins.
-- The statement only reads, using the index hhrecon_run_whole.
select started_at
from hhrecon_run
where project_id = :project_id and whole and not dry_run and closed_at is not null
order by id desc
limit 1
