-- The identity of the database that is connected, without the server's. Safe: it only reads.
select '' as server, cast(d.oid as text) as database, d.datname as name
from pg_database as d
where d.datname = current_database()
