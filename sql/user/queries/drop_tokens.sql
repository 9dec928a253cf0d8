-- Revokes a user's tokens. Safe: it deletes only tokens of this user.
delete from hhrecon_token where name = :name
