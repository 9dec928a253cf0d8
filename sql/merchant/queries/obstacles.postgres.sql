-- Returns the triggers and row-level security of the tables that this transaction has updated. The triggers or policies
-- may have changed or rejected a written row.
-- The statement only reads the catalogue.
select 'cause.trigger' as code, t.tgname as name, cast(cast(l.relation as regclass) as text) as relation
from pg_locks as l
join pg_trigger as t on t.tgrelid = l.relation
where l.pid = pg_backend_pid() and l.mode = 'RowExclusiveLock' and not t.tgisinternal and t.tgenabled <> 'D'
  and t.tgtype & 16 <> 0 and cast(cast(l.relation as regclass) as text) not like '%hhrecon\_%'
union
select 'cause.policy', p.polname, cast(cast(l.relation as regclass) as text)
from pg_locks as l
join pg_policy as p on p.polrelid = l.relation
where l.pid = pg_backend_pid() and l.mode = 'RowExclusiveLock' and row_security_active(l.relation)
