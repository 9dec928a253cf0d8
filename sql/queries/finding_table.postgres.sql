-- What hhrecon_finding has that "like" does not copy, as statements that make it anew under that name. Left out is the unique place
-- in the audit trail, which each partition has by itself. Safe: it only reads.
with t as (
  select c.oid, c.relacl, c.relowner, format('%I.%I', n.nspname, c.relname) as name
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.oid = to_regclass('hhrecon_finding')
)
select statement
from (
  select 1 as step, format('alter table %s add constraint %I %s', t.name, c.conname, pg_get_constraintdef(c.oid)) as statement
  from pg_constraint as c
  join t on t.oid = c.conrelid
  where c.contype in ('p', 'u', 'f')
  union all
  select 2, pg_get_indexdef(x.indexrelid)
  from pg_index as x
  join pg_class as i on i.oid = x.indexrelid
  join t on t.oid = x.indrelid
  where i.relname <> 'hhrecon_finding_chain'
    and not exists (select 1 from pg_constraint as c where c.conindid = x.indexrelid and c.contype in ('p', 'u'))
  union all
  select 3, pg_get_triggerdef(g.oid)
  from pg_trigger as g
  join t on t.oid = g.tgrelid
  where not g.tgisinternal
  union all
  select 4, format('comment on table %s is %L', t.name, obj_description(t.oid, 'pg_class'))
  from t
  union all
  select 5, format('alter table %s owner to %I', t.name, pg_get_userbyid(t.relowner))
  from t
  union all
  select 6, format('grant %s on %s to %s%s', a.privilege_type, t.name,
                   case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
                   case when a.is_grantable then ' with grant option' else '' end)
  from t
  cross join lateral aclexplode(t.relacl) as a
  union all
  select 6, format('grant %s (%I) on %s to %s%s', a.privilege_type, k.attname, t.name,
                   case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
                   case when a.is_grantable then ' with grant option' else '' end)
  from t
  join pg_attribute as k on k.attrelid = t.oid and k.attnum > 0 and not k.attisdropped
  cross join lateral aclexplode(k.attacl) as a
) as s
order by step, statement
