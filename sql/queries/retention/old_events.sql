-- Returns the positions of a project's old events that are not about a run, after the last deleted entry.
-- The statement only reads.
select chain_seq
from hhrecon_action
where project_id = :project_id and run_id is null and chain_seq > :after and acted_at < :before
order by chain_seq
