-- Returns people's actions, oldest first, on some payins of a project that a period's closed runs queried. :begin is
-- the period's first run, and :run_id is the last run of the payins.
-- The statement only reads, using the indexes hhrecon_finding_payin and hhrecon_action_finding.
select :action_columns
from hhrecon_finding as f
join hhrecon_run as r on r.id = f.run_id
join hhrecon_action as a on a.run_id = f.run_id and a.seq = f.seq and a.kind <> 'propose'
where f.project_id = :project_id and f.payment_id in (:payment_ids) and f.run_id between :begin and :run_id
  and r.closed_at is not null and not r.dry_run
  and r.started_at >= :from and r.started_at < :to
order by a.chain_seq
