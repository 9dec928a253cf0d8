-- Revokes a user's tokens. Safe: it deletes only this user's.
delete from hhrecon_token where name = :name
