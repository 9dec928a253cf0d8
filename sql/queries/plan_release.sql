-- A span of a held run's corrections: those that were not released yet. Safe: it only reads. What was done about each
-- finding is looked up for itself: joined, a planner that takes hhrecon_action for empty would compare all with all.
select f.seq, f.project_id, f.payment_id, f.currency, f.status_before as status, f.sub_status_before as sub_status,
       f.settled_amount_before as settled_amount, f.updated_at, f.status_after, f.sub_status_after,
       f.settled_amount_after, cast(null as timestamptz) as updated_at_after, true as changes, cast(null as text) as reason
from hhrecon_finding as f
where f.run_id = :run_id and f.seq between :first and :last and f.correction = 'held'
  and 0 = (
    select count(*) from hhrecon_action as a where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release'
  )
