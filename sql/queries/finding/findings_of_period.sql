-- The next page of the last words on each payin in the closed runs of a period. Safe: it only reads. A
-- finding is left out where a later closed run of the period has one on the same payin. That is asked of each
-- finding, by the index hhrecon_finding_payin: as a join it would be worked out in full for each page. The period's oldest run and its
-- newest bound the part of the table that is read.
select f.run_id, f.seq, f.project_id, f.payment_id, f.outcome, f.causes, f.merchant_amount,
       coalesce(f.initial_amount, 0) as initial_amount, coalesce(f.old_amount, 0) as old_amount,
       coalesce(f.amount, 0) as amount, f.currency, f.status_before,
       coalesce(f.sub_status_before, '') as sub_status_before,
       coalesce(f.settled_amount_before, 0) as settled_amount_before, coalesce(f.lifetime, 0) as lifetime,
       f.created_at, f.updated_at, coalesce(f.provider_status, '') as provider_status,
       coalesce(f.provider_sub_status, '') as provider_sub_status, coalesce(f.request_id, '') as request_id,
       f.expires_at, f.status_after, coalesce(f.sub_status_after, '') as sub_status_after,
       coalesce(f.settled_amount_after, 0) as settled_amount_after, f.correction, f.harmful, f.result,
       coalesce(f.answer, '') as answer, f.reason, f.checked_at
from hhrecon_finding as f
where f.run_id = :run_id and f.seq between :first and :last
  and f.run_id = (
    select last.run_id
    from hhrecon_finding as last
    join hhrecon_run as r on r.id = last.run_id
    where last.project_id = f.project_id and last.payment_id = f.payment_id
      and last.run_id between :oldest and :newest
      and r.closed_at is not null and not r.dry_run
      and r.started_at >= :from and r.started_at < :to
    order by last.run_id desc
    limit 1
  )
order by f.seq
