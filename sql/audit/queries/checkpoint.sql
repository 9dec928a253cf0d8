-- Returns the checkpoint up to which a project's audit log was deleted.
-- The statement only reads.
select chain_seq, hash, goal, runs, until, retention, thinned_at
from hhrecon_anchor
where project_id = :project_id
