-- The next corrections that a run holds and that were not released, apart from payins that a later run has judged. Safe: it
-- only reads, as plan_release.sql does.
select f.*
from (
  :finding
) as f
where f.run_id = :run_id and f.seq >= :first and f.correction = 'held'
  and 0 = (
    select count(*) from hhrecon_action as a where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release'
  )
  and (
    select max(l.run_id)
    from hhrecon_finding as l
    join hhrecon_run as r on r.id = l.run_id
    where l.project_id = f.project_id and l.payment_id = f.payment_id and l.run_id > f.run_id
      and l.outcome not in ('unreachable', 'unverifiable', 'not_found')
      and r.closed_at is not null and not r.dry_run
  ) is null
order by f.seq
limit :limit
