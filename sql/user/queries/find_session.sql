-- Returns a session that has not expired, by the database's clock. Safe: it only reads.
select data
from hhrecon_session
where token_hash = :token_hash and expires_at > :clock
