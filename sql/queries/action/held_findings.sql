-- Returns the next held corrections of a run that belong to a hold.
-- The statement only reads, like plan_release.sql.
select f.*
from (
  :finding
) as f
where f.run_id = :run_id and f.seq >= :first and f.correction = 'held'
  and exists (
    select 1 from hhrecon_costly as h
    where h.run_id = f.run_id and h.seq = f.seq and h.state = 'held' and h.hold_id = :hold_id
      and (cast(:class as bigint) = 0 or h.class = :class)
  )
order by f.seq
limit :limit
