-- Returns the checkpoint up to which a project's audit log was deleted. Safe: it only reads.
select chain_seq, hash, goal, runs, until, retention, thinned_at
from hhrecon_anchor
where project_id = :project_id
