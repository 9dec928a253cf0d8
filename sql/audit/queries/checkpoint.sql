-- Up to where a project's audit trail was taken out. Safe: it only reads.
select chain_seq, hash, goal, runs, until, retention, thinned_at
from hhrecon_anchor
where project_id = :project_id
