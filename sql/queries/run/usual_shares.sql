-- The project's last complete runs with what was harmful in them, and those that a person released: what
-- was held by mistake is usual. Dry runs, runs over named payins and runs without any answer to go by say nothing about
-- a usual night. Safe: it only reads.
select harmful, open
from hhrecon_run
where project_id = :project_id and state in ('complete', 'released') and whole and not dry_run and open > 0
order by id desc
limit :limit
