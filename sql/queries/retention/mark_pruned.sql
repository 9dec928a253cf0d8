-- Hides the runs whose deletion begins.
-- The statement is safe because the caller has locked these runs, and checked that they are old and not needed.
update hhrecon_run set thinned_at = :now
where project_id = :project_id and thinned_at is null and id <= :last
