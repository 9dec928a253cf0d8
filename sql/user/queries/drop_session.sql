-- Deletes a session.
-- The statement is safe because it deletes only this session.
delete from hhrecon_session where token_hash = :token_hash
