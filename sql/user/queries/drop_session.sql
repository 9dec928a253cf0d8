-- Deletes a session. Safe: it deletes only this one.
delete from hhrecon_session where token_hash = :token_hash
