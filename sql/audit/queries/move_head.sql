-- Moves the head of a project's audit log to the last new entry.
-- The statement is safe because the caller has locked the head in this transaction.
update hhrecon_chain
set chain_seq = :chain_seq, hash = :hash, key_id = :key_id
where project_id = :project_id
