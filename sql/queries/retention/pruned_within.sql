-- The runs taken out that a period would have had, by the project of which they reach furthest. Safe: it only reads.
select project_id, until, retention
from hhrecon_anchor
where (cast(:project_id as text) = '' or project_id = :project_id) and until >= :from
order by until desc
limit 1
