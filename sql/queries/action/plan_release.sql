-- A span of a held run's corrections: those that were not released yet. A payin that a later run has judged
-- is left alone: what was held may have been put right since, and the row need not show it. Of the others only those that
-- HighHelp gave an answer about just now: :asked; and only :same, whose answer is the same, are to be
-- written. Safe: it only reads. What
-- was done about each finding is looked up for itself: joined, a planner that takes hhrecon_action for empty would
-- compare all with all.
select x.seq, x.project_id, x.payment_id, x.amount, x.currency, x.status, x.sub_status, x.settled_amount, x.updated_at,
       x.status_after, x.sub_status_after, x.settled_amount_after, cast(null as timestamptz) as updated_at_after,
       x.later is null and coalesce(x.seq in (:same), false) as changes,
       case when x.later is not null then 'row.judged_later' end as reason_code,
       '{"args":[{"number":' || cast(x.later as text) || '}]}' as reason_args
from (
  select f.seq, f.project_id, f.payment_id, f.merchant_amount as amount, f.currency, f.status_before as status, f.sub_status_before as sub_status,
         f.settled_amount_before as settled_amount, f.updated_at, f.status_after, f.sub_status_after,
         f.settled_amount_after, (
           select max(l.run_id)
           from hhrecon_finding as l
           join hhrecon_run as r on r.id = l.run_id
           where l.project_id = f.project_id and l.payment_id = f.payment_id and l.run_id > f.run_id
             and l.outcome not in ('unreachable', 'unverifiable', 'not_found')
             and r.closed_at is not null and not r.dry_run
         ) as later
  from hhrecon_finding as f
  where f.run_id = :run_id and f.seq between :first and :last and f.correction = 'held'
    and 0 = (
      select count(*) from hhrecon_action as a where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release'
    )
) as x
where x.later is not null or x.seq in (:asked)
