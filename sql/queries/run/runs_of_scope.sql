-- Returns one run, or the closed runs that started in a period, oldest first. For each run it also returns the numbers
-- of findings and unresolved payins. Dry runs are left out, because they change nothing.
-- The statement only reads.
select id, selected, unresolved
from hhrecon_run
where thinned_at is null and (id = :run_id
   or cast(:run_id as bigint) = 0
  and (cast(:project_id as text) = '' or project_id = :project_id)
  and closed_at is not null and not dry_run
  and started_at >= :from and started_at < :to)
order by id
