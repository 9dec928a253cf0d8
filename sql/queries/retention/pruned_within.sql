-- Returns a project whose runs in a period were deleted, the start of the latest deleted run, and the retention
-- setting. If runs of several projects were deleted, it returns the project with the latest deleted run.
-- The statement only reads.
select project_id, until, retention
from hhrecon_anchor
where (cast(:project_id as text) = '' or project_id = :project_id) and until >= :from
order by until desc
limit 1
