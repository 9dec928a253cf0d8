-- The next page of the last words on each payin in the closed runs of a period. Safe: it only reads. A
-- finding is left out where a later closed run of the period has one on the same payin. That is asked of each
-- finding, by the index hhrecon_finding_payin: as a join it would be worked out in full for each page. The period's oldest run and its
-- newest bound the part of the table that is read.
select :finding_columns, f.correction, :finding_answer
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
