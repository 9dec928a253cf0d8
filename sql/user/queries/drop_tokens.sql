-- Revokes a user's tokens.
-- The statement is safe because it deletes only tokens of this user.
delete from hhrecon_token where name = :name
