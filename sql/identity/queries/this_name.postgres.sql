-- Returns the identity of the connected database without the server's identifier.
-- The statement only reads.
select '' as server, cast(d.oid as text) as database, d.datname as name
from pg_database as d
where d.datname = current_database()
