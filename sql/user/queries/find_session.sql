-- Returns a session that has not expired, by the database's clock.
-- The statement only reads.
select data
from hhrecon_session
where token_hash = :token_hash and expires_at > :clock
