-- Returns the path of the database, without symbolic links.
-- The statement only reads.
select file from pragma_database_list where name = 'main'
