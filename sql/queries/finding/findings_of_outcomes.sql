-- Returns the findings with some outcomes. They are the findings of one run, or the latest findings of their payins in
-- the closed runs of a period. HighHelp's answers are left out.
-- The statement only reads. It uses the index hhrecon_finding_outcome between the first and the last run of the scope,
-- and the index hhrecon_finding_payin for each payin's latest finding.
select :finding_columns, f.correction
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
