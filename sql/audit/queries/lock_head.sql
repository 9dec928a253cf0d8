-- Reads the head of a project's audit log and locks it until the transaction ends, so two writers never continue from
-- the same entry.
-- The statement is safe because it adds a missing row, and otherwise changes nothing.
insert into hhrecon_chain (project_id, chain_seq, hash)
values (:project_id, 0, '')
on conflict (project_id) do update set chain_seq = hhrecon_chain.chain_seq
returning chain_seq, hash, key_id
