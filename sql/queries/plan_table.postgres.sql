-- What the planner knows of a table of the merchant's, of all its partitions where it is one, and the columns that its
-- whole indexes begin with. Safe: it only reads the catalogue.
select cast(t.oid as regclass) as name,
       cast(coalesce(nullif((
         select sum(greatest(p.reltuples, 0)) from pg_partition_tree(t.oid) as l join pg_class as p on p.oid = l.relid
       ), 0), greatest(t.reltuples, 0)) as bigint) as rows,
       t.relkind = 'p' as partitioned,
       array(
         select a.attname || ' ' || y.typname
         from pg_attribute as a join pg_type as y on y.oid = a.atttypid
         where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         order by a.attnum
       ) as columns,
       array(
         select ' ' || string_agg(a.attname, ' ' order by k.nth) || ' '
         from pg_index as i
         cross join lateral unnest(cast(i.indkey as smallint[])) with ordinality as k (attnum, nth)
         join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where i.indrelid = t.oid and i.indisvalid and i.indpred is null
         group by i.indexrelid
       ) as indexes
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_class as t on t.oid = coalesce(nullif(cast(pg_partition_root(c.oid) as oid), 0), c.oid)
where n.nspname = :schema and c.relname = :name
