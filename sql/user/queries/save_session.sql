-- Saves a session, and replaces an existing session.
-- The statement is safe because the token's hash is the key.
insert into hhrecon_session (token_hash, data, expires_at)
values (:token_hash, :data, :expires_at)
on conflict (token_hash) do update set data = excluded.data, expires_at = excluded.expires_at
