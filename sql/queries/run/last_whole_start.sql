-- Returns when the project's last closed whole run started. Safe: it only reads, using the index hhrecon_run_whole.
select started_at
from hhrecon_run
where project_id = :project_id and whole and not dry_run and closed_at is not null
order by id desc
limit 1
