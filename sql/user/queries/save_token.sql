-- Saves a token by its digest.
-- The statement is safe because it only adds a row.
insert into hhrecon_token (token_hash, name, user_seal, added_at, expires_at)
values (:token_hash, :name, :user_seal, :added_at, :expires_at)
