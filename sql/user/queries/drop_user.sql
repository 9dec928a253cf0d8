-- Removes a user. Safe: it names one.
delete from hhrecon_user where name = :name
