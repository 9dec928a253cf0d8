-- Deletes a user. Safe: it deletes only this one.
delete from hhrecon_user where name = :name
