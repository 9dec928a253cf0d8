-- Reads the end of a project's audit trail and keeps everybody else from it until the transaction ends. Safe:
-- it makes the row where there is none, and else changes nothing, so that two writers never go on from the
-- same entry.
insert into hhrecon_chain (project_id, chain_seq, hash)
values (:project_id, 0, '')
on conflict (project_id) do update set chain_seq = hhrecon_chain.chain_seq
returning chain_seq, hash, key_id
