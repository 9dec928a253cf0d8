-- Returns the project's next runs before :beyond, oldest first. For each run it returns the number of audit log entries
-- and the position of the last entry.
-- The statement only reads.
select r.id, r.started_at,
       coalesce((select count(*) from hhrecon_finding as f where f.run_id = r.id), 0)
         + coalesce((select count(*) from hhrecon_action as a where a.run_id = r.id), 0) as entries,
       coalesce((select max(f.chain_seq) from hhrecon_finding as f where f.run_id = r.id), 0) as last_finding,
       coalesce((select max(a.chain_seq) from hhrecon_action as a where a.run_id = r.id), 0) as last_action
from hhrecon_run as r
where r.project_id = :project_id and r.thinned_at is null and r.id < :beyond
order by r.id
limit :limit
