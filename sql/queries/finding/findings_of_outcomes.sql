-- The findings of some outcomes: of one run, or the last words on their payins in the closed runs of a period. HighHelp's answers
-- are left out. Safe: it only reads, by the index hhrecon_finding_outcome between the first run of the scope and its last, and
-- looks each last word up as findings_of_period.sql does.
select f.run_id, f.seq, f.project_id, f.payment_id, f.outcome, f.causes, f.merchant_amount,
       coalesce(f.initial_amount, 0) as initial_amount, coalesce(f.old_amount, 0) as old_amount,
       coalesce(f.amount, 0) as amount, f.currency, f.status_before,
       coalesce(f.sub_status_before, '') as sub_status_before,
       coalesce(f.settled_amount_before, 0) as settled_amount_before, coalesce(f.lifetime, 0) as lifetime,
       f.created_at, f.updated_at, coalesce(f.provider_status, '') as provider_status,
       coalesce(f.provider_sub_status, '') as provider_sub_status, coalesce(f.request_id, '') as request_id,
       f.expires_at, f.status_after, coalesce(f.sub_status_after, '') as sub_status_after,
       coalesce(f.settled_amount_after, 0) as settled_amount_after, f.correction, f.harmful, f.result,
       '' as answer, f.reason, f.checked_at
from hhrecon_finding as f
where f.outcome in (:outcomes) and f.run_id between :first and :last
  and (
    f.run_id = :run_id
    or cast(:run_id as bigint) = 0
      and (cast(:project_id as text) = '' or f.project_id = :project_id)
      and f.run_id = (
        select last.run_id
        from hhrecon_finding as last
        join hhrecon_run as r on r.id = last.run_id
        where last.project_id = f.project_id and last.payment_id = f.payment_id
          and r.closed_at is not null and not r.dry_run
          and r.started_at >= :from and r.started_at < :to
        order by last.run_id desc
        limit 1
      )
  )
order by f.run_id, f.seq
