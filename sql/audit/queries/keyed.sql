-- Returns an audit log whose last entry has a key.
-- The statement only reads.
select project_id, chain_seq, hash, key_id from hhrecon_chain where key_id is not null order by project_id desc limit 1
