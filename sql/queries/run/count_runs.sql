-- Counts runs by project, state and trigger, without dry runs.
-- The statement only reads.
select project_id, state, origin as trigger, count(*) as count
from hhrecon_run
where not dry_run
group by project_id, state, origin
order by project_id, state, origin
