-- Revokes a user's tokens. Safe: it names one user.
delete from hhrecon_token where name = :name
