-- Why the findings cannot be partitioned just now, in words; none where they can be. Safe: it only reads; the caller has locked
-- both tables.
select coalesce(
  (
    select 'run ' || r.id || ' of project ' || r.project_id || ' is running: wait for its end, or stop it; "hhrecon runs" shows it'
    from hhrecon_run as r where r.state = 'running' order by r.id limit 1
  ), (
    select 'hhrecon_finding has the row security policy ' || p.polname || ', which would be lost: drop it first, and create it again afterwards'
    from pg_policy as p where p.polrelid = to_regclass('hhrecon_finding') order by p.polname limit 1
  ), (
    select 'hhrecon_finding is in the publication ' || p.pubname || ', which would lose it: take it out first, and add it again afterwards'
    from pg_publication_rel as l join pg_publication as p on p.oid = l.prpubid
    where l.prrelid = to_regclass('hhrecon_finding') order by p.pubname limit 1
  ), '')
