-- Moves the head of a project's audit log on. Safe: the caller has locked it in this transaction.
update hhrecon_chain
set chain_seq = :chain_seq, hash = :hash, key_id = :key_id
where project_id = :project_id
