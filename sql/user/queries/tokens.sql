-- Returns the tokens that have not expired by the database's clock. With a :digest, the statement returns only the
-- token with this digest. The statement only reads.
select name, user_seal as password_digest, added_at, expires_at
from hhrecon_token
where expires_at > :clock and (cast(:token_hash as text) = '' or token_hash = :token_hash)
order by name, expires_at
