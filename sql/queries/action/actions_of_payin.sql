-- Returns people's actions on a payin, oldest first. If the payin's correction was held, the result includes actions on
-- all held corrections of the run.
-- The statement only reads, using the indexes hhrecon_finding_payin and hhrecon_action_finding.
select :action_columns
from hhrecon_finding as f
join hhrecon_action as a on a.run_id = f.run_id and a.seq in (f.seq, 0)
where f.project_id = :project_id and f.payment_id = :payment_id
  and (a.seq = f.seq or f.correction = 'held') and a.kind not in ('begin', 'stop')
order by a.chain_seq
