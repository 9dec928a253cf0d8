-- Returns the hash of an entry of a project's audit log.
-- The statement only reads.
select hash from hhrecon_finding where project_id = :project_id and chain_seq = :entry
union all
select hash from hhrecon_action where project_id = :project_id and chain_seq = :entry
