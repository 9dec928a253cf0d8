-- The end of a project's audit trail. Safe: it only reads.
select chain_seq, hash from hhrecon_chain where project_id = :project_id
