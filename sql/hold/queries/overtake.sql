-- Ends the held corrections of older runs if this run has a trusted answer about the payin.
-- The statement is safe because the caller holds the lease on the run, and only held corrections change.
update hhrecon_costly
set state = 'overtaken'
where project_id = :project_id and state in ('held', 'allowed') and run_id <> :run_id
  and payment_id in (
    select f.payment_id from hhrecon_finding as f
    where f.run_id = :run_id and f.seq between :first and :last
      and f.outcome not in ('unreachable', 'unverifiable', 'not_found')
  )
