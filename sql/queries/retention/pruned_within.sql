-- Returns the deleted runs within a period, for the project whose deletion reaches furthest. Safe: it only reads.
select project_id, until, retention
from hhrecon_anchor
where (cast(:project_id as text) = '' or project_id = :project_id) and until >= :from
order by until desc
limit 1
