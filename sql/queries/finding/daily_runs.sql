-- Returns closed runs over all open payins, latest first. They are the runs of one project up to a given run, or the
-- runs of one or all projects before a time.
-- The statement only reads, using the index hhrecon_run_whole, and at most :limit runs.
select r.id, r.project_id, r.started_at
from hhrecon_run as r
left join hhrecon_run as until on until.id = :run_id
where r.whole and not r.dry_run and r.closed_at is not null
  and (until.id is null or r.project_id = until.project_id and r.id <= until.id)
  and (cast(:project_id as text) = '' or r.project_id = :project_id)
  and r.started_at < :to
order by r.started_at desc, r.id desc
limit :limit
