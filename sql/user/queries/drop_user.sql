-- Deletes a user.
-- The statement is safe because it deletes only this user.
delete from hhrecon_user where name = :name
