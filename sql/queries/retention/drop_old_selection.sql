-- Deletes some rows of the selections of runs whose deletion has begun.
-- The statement is safe because a closed run does not need its selection.
delete from hhrecon_selection
where (run_id, seq) in (
  select s.run_id, s.seq
  from hhrecon_run as r
  join hhrecon_selection as s on s.run_id = r.id
  where r.project_id = :project_id and r.thinned_at is not null
  limit :limit
)
