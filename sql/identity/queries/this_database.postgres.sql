-- The identity of the database that is connected. Safe: it only reads. pg_control_system() is for all users, unless an
-- administrator took it from them.
select cast(c.system_identifier as text) as server, cast(d.oid as text) as database, d.datname as name
from pg_database as d, pg_control_system() as c
where d.datname = current_database()
