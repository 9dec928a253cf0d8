-- The server's version, for people. Safe: it only reads.
select 'PostgreSQL ' || current_setting('server_version')
