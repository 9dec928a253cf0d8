-- Returns the merchant's tables, partitioned tables and views as JSON in the form of the type Table. It leaves out
-- partitions, hhrecon's own tables and tables of other extensions. Safe: it only reads the catalogue.
select cast(json_build_object(
  'Schema', n.nspname, 'Name', c.relname,
  'Kind', case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' else 'view' end,
  'Readable', has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select'),
  'Updatable', pg_relation_is_updatable(c.oid, true) & 4 = 4,
  -- The catalogue has -1 rows for a table that was never analyzed. The number of rows is then estimated
  -- from the table's size.
  'Rows', (select cast(coalesce(sum(case when r.reltuples >= 0 then r.reltuples else pg_relation_size(r.oid) / 200 end), 0) as bigint)
           from pg_class as r
           where r.relkind = 'r' and r.oid in (select c.oid union select t.relid from pg_partition_tree(c.oid) as t)),
  'Keys', (select json_agg((select json_agg(a.attname)
                            from pg_attribute as a
                            where a.attrelid = c.oid and a.attnum = any (cast(i.indkey as int2[]))))
           from pg_index as i
           where i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null),
  'PartitionKey', (select json_agg(a.attname)
                   from pg_partitioned_table as k
                   join pg_attribute as a on a.attrelid = c.oid and a.attnum = any (cast(k.partattrs as int2[]))
                   where k.partrelid = c.oid),
  'Over', (select json_agg(distinct cast(d.refobjid as bigint))
           from pg_rewrite as w
           join pg_depend as d on d.classid = cast('pg_rewrite' as regclass) and d.objid = w.oid
                              and d.refclassid = cast('pg_class' as regclass) and d.refobjid <> c.oid
           where c.relkind = 'v' and w.ev_class = c.oid),
  'OID', cast(c.oid as bigint),
  'Definition', case when c.relkind = 'v' then pg_get_viewdef(c.oid) else '' end,
  'Columns', (
    select json_agg(json_build_object(
      'Name', a.attname, 'Type', format_type(a.atttypid, a.atttypmod), 'Base', coalesce(b.typname, t.typname),
      'Scale', case when coalesce(b.typname, t.typname) = 'numeric' and greatest(a.atttypmod, t.typtypmod) >= 4
                    then (greatest(a.atttypmod, t.typtypmod) - 4) & 1023 else 0 end,
      'Enum', (select json_agg(e.enumlabel order by e.enumsortorder)
               from pg_enum as e
               where e.enumtypid = coalesce(b.oid, t.oid)),
      -- A constraint such as status in ('new', 'paid') has the definition (status = ANY (ARRAY['new'::text, 'paid'::text])).
      'Checked', (select json_agg(distinct replace(word[1], '''''', ''''))
                  from pg_constraint as k
                  cross join pg_get_constraintdef(k.oid) as definition
                  cross join regexp_matches(definition, '''((?:[^'']|'''')*)''', 'g') as word
                  where k.contype = 'c' and (k.conrelid = c.oid and k.conkey = array[a.attnum] or k.contypid = a.atttypid)
                    and definition like '%= ANY (%' and definition !~ '<>|NOT|~'),
      'Generated', a.attgenerated <> '', 'NotNull', a.attnotnull or t.typnotnull, 'Comment', coalesce(col_description(c.oid, a.attnum), ''),
      'Default', coalesce((select pg_get_expr(x.adbin, x.adrelid)
                           from pg_attrdef as x
                           where x.adrelid = c.oid and x.adnum = a.attnum), ''),
      'Refers', (select json_build_object('Schema', ln.nspname, 'Table', l.relname, 'Key', k.attname,
                                          'KeyType', format_type(k.atttypid, k.atttypmod))
                 from pg_constraint as f
                 join pg_class as l on l.oid = f.confrelid
                 join pg_namespace as ln on ln.oid = l.relnamespace
                 join pg_attribute as k on k.attrelid = l.oid and k.attnum = f.confkey[1]
                 where f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum]
                 order by f.oid
                 limit 1)
    ) order by a.attnum)
    from pg_attribute as a
    join pg_type as t on t.oid = a.atttypid
    left join pg_type as b on b.oid = t.typbasetype and t.typtype = 'd'
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and (has_column_privilege(c.oid, a.attnum, 'select') or not has_any_column_privilege(c.oid, 'select'))
  )
) as text)
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v') and c.relname not like 'hhrecon\_%' and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%'
  and not exists (select from pg_inherits as h where h.inhrelid = c.oid)
  and not exists (select from pg_depend as d where d.classid = cast('pg_class' as regclass) and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname
