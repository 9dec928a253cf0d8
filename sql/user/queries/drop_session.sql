-- Ends a session. Safe: it names one.
delete from hhrecon_session where token_hash = :token_hash
