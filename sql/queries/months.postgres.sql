-- The findings' table, and the months' partitions that it has, in their order; one row without a name where it is not
-- partitioned. Guarded is a partition whose rows cannot be changed, deleted or truncated, and have a place each in the audit
-- trail. Safe: it only reads the catalogue.
select quote_ident(n.nspname) as schema,
       quote_ident(pg_get_userbyid(t.relowner)) as owner,
       t.relkind = 'p' as partitioned,
       pg_has_role(t.relowner, 'usage') and has_schema_privilege(n.oid, 'create') as able,
       coalesce(p.relname, '') as name,
       coalesce(cast(nullif(b.bounds[1], 'MINVALUE') as bigint), -9223372036854775808) as first,
       coalesce(cast(nullif(b.bounds[2], 'MAXVALUE') as bigint), 9223372036854775807) as beyond,
       2 = (
         select count(*) from pg_trigger as g
         where g.tgrelid = p.oid and g.tgenabled in ('O', 'A') and g.tgname in ('hhrecon_finding_kept', 'hhrecon_finding_whole')
       ) and exists (
         select 1 from pg_index as i
         where i.indrelid = p.oid and i.indisunique and i.indisvalid and i.indpred is null and pg_get_indexdef(i.indexrelid) like '%(project\_id, chain\_seq)'
       ) as guarded
from pg_class as t
join pg_namespace as n on n.oid = t.relnamespace
left join pg_inherits as h on h.inhparent = t.oid and t.relkind = 'p'
left join pg_class as p on p.oid = h.inhrelid
left join lateral regexp_match(pg_get_expr(p.relpartbound, p.oid), 'FROM \(''?(\w+)''?\) TO \(''?(\w+)''?\)') as b (bounds) on true
where t.oid = to_regclass('hhrecon_finding')
order by first, name
