-- Returns the path of the database, without symbolic links. Safe: it only reads.
select file from pragma_database_list where name = 'main'
