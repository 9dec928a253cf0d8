-- Returns the statements that turn a partitioned hhrecon_finding back into one table, as one text for psql. The text is
-- empty if the table is not partitioned. The statements also recreate the properties that "like" does not copy, and
-- hhrecon's views that depend on the table.
-- The statement only reads the catalogue.
with t as (
  select c.oid, c.relacl, c.relowner, format('%I.%I', n.nspname, c.relname) as name, format('%I.hhrecon_finding_one', n.nspname) as one
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.oid = to_regclass('hhrecon_finding') and c.relkind = 'p'
), v as (
  select c.oid, c.relacl, c.relowner, format('%I.%I', n.nspname, c.relname) as name
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'v' and c.relname like 'hhrecon\_%' and c.oid in (
    select r.ev_class
    from t
    join pg_depend as d on d.refobjid = t.oid and d.classid = cast('pg_rewrite' as regclass)
    join pg_rewrite as r on r.oid = d.objid
  )
), relation as (
  select oid, relacl, relowner, name, 'table' as kind from t
  union all
  select oid, relacl, relowner, name, 'view' from v
)
select coalesce(string_agg(statement || ';', E'\n' order by step, statement), '')
from (
  select 1 as step, 'begin' as statement from t
  union all
  select 2, 'lock table hhrecon_run, hhrecon_finding in access exclusive mode' from t
  union all
  select 3, format('create table %s (like %s including all excluding indexes)', one, name) from t
  union all
  select 4, format('insert into %s select * from %s', one, name) from t
  union all
  select 5, 'drop view ' || name from v
  union all
  select 6, 'drop table ' || name from t
  union all
  select 7, format('alter table %s rename to hhrecon_finding', one) from t
  union all
  select 8, format('create view %s as %s', name, rtrim(pg_get_viewdef(oid), ';')) from v
  union all
  select 9, format('alter table %s add constraint %I %s', t.name, c.conname, pg_get_constraintdef(c.oid))
  from pg_constraint as c
  join t on t.oid = c.conrelid
  where c.contype in ('p', 'u', 'f')
  union all
  select 10, replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ')
  from pg_index as x
  join t on t.oid = x.indrelid
  where not exists (select 1 from pg_constraint as c where c.conindid = x.indexrelid and c.contype in ('p', 'u'))
  union all
  select 10, format('create unique index hhrecon_finding_chain on %s (project_id, chain_seq)', name) from t
  union all
  select 11, pg_get_triggerdef(g.oid)
  from pg_trigger as g
  join t on t.oid = g.tgrelid
  where not g.tgisinternal
  union all
  select 12, format('comment on %s %s is %L', kind, name, obj_description(oid, 'pg_class')) from relation
  union all
  select 13, format('alter %s %s owner to %I', kind, name, pg_get_userbyid(relowner)) from relation
  union all
  select 14, format('grant %s on %s to %s%s', a.privilege_type, r.name,
                    case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
                    case when a.is_grantable then ' with grant option' else '' end)
  from relation as r
  cross join lateral aclexplode(r.relacl) as a
  union all
  select 14, format('grant %s (%I) on %s to %s%s', a.privilege_type, k.attname, r.name,
                    case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
                    case when a.is_grantable then ' with grant option' else '' end)
  from relation as r
  join pg_attribute as k on k.attrelid = r.oid and k.attnum > 0 and not k.attisdropped
  cross join lateral aclexplode(k.attacl) as a
  union all
  select 15, 'analyze hhrecon_finding' from t
  union all
  select 16, 'commit' from t
) as s
