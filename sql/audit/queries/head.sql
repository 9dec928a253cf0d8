-- Returns the head of a project's audit log, which is its last entry.
-- The statement only reads.
select chain_seq, hash from hhrecon_chain where project_id = :project_id
