-- Counts the payins that a run will correct, and the payins that runs have corrected recently without an undo. Each
-- payin counts once.
-- The statement only reads. It reads recently closed runs using the index hhrecon_run_closed, and runs that are not
-- closed.
select count(*)
from (
  select s.payment_id
  from hhrecon_selection as s
  where s.run_id = :run_id and s.outcome is not null and s.changes
  union
  select f.payment_id
  from (
    select r.id from hhrecon_run as r where r.project_id = :project_id and not r.dry_run and r.closed_at >= :since
    union all
    select r.id from hhrecon_run as r where r.project_id = :project_id and not r.dry_run and r.state in ('running', 'interrupted')
  ) as l
  join hhrecon_finding as f on f.run_id = l.id and f.correction = 'applied'
  where not exists (
    select 1 from hhrecon_action as a
    where a.run_id = f.run_id and a.seq = f.seq and a.kind in ('undo', 'decide') and a.result = 'applied'
  )
) as c
