-- Deletes some unresolved payins of runs whose deletion has begun.
-- The statement is safe because these runs are hidden.
delete from hhrecon_unresolved
where (run_id, seq) in (
  select u.run_id, u.seq
  from hhrecon_run as r
  join hhrecon_unresolved as u on u.run_id = r.id
  where r.project_id = :project_id and r.thinned_at is not null
  limit :limit
)
