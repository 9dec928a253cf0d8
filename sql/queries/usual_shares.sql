-- The project's last complete runs with what was harmful in them. Dry runs, runs over named payins and
-- runs without any answer say nothing about a usual night. Safe: it only reads.
select harmful, answered
from hhrecon_run
where project_id = :project_id and state = 'complete' and whole and not dry_run and answered > 0
order by id desc
limit :limit
