-- Returns the identity of the connected database.
-- The statement only reads. All users may call pg_control_system(), unless an administrator revoked it.
select cast(c.system_identifier as text) as server, cast(d.oid as text) as database, d.datname as name
from pg_database as d, pg_control_system() as c
where d.datname = current_database()
