-- Returns the processes that hold a lock for which process :pid waits, and other processes that migrate. The result
-- omits the statements of these processes, because a statement may contain personal data. The statement only reads.
select distinct 'process ' || a.pid || ' (user ' || coalesce(a.usename, '?') || ', application "' || a.application_name || '")'
from pg_stat_activity as a
where a.pid = any (pg_blocking_pids(cast(:pid as integer)))
   or a.pid in (
     select l.pid from pg_locks as l
     where l.locktype = 'advisory' and l.granted and l.pid <> :pid
       and l.database = (select d.oid from pg_database as d where d.datname = current_database())
       and cast(l.classid as bigint) = 7205759403792794 >> 32 and cast(l.objid as bigint) = 7205759403792794 & 4294967295
   )
