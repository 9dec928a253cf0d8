-- The projects that have runs, each with the rules of its last one. Safe: it only reads.
select r.project_id, r.rules
from hhrecon_run as r
where r.id in (select max(id) from hhrecon_run group by project_id)
order by r.project_id
