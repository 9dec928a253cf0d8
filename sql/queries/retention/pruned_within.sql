-- Returns the deleted runs within a period. If there are several projects, it returns the one with the latest deleted
-- run. Safe: it only reads.
select project_id, until, retention
from hhrecon_anchor
where (cast(:project_id as text) = '' or project_id = :project_id) and until >= :from
order by until desc
limit 1
