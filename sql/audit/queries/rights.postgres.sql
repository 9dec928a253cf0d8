-- Returns the rights of the connection's user on hhrecon's tables.
-- The statement only reads.
select coalesce(bool_or(pg_has_role(c.relowner, 'USAGE')), false) as owner,
       has_table_privilege('hhrecon_finding', 'DELETE') as prune,
       coalesce(string_agg(c.relname, ', ' order by c.relname) filter (where c.relkind in ('r', 'p')
         and not has_table_privilege(c.oid, case when c.relname in ('hhrecon_run', 'hhrecon_finding', 'hhrecon_selection')
           then 'INSERT' else 'SELECT' end)), '') as missing
from pg_class as c
where c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('hhrecon_finding'))
  and c.relname like 'hhrecon\_%'
