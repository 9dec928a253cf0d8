-- Saves the results of people's actions on a run's held corrections. The statement reads the actions after a position
-- in the audit log.
-- The statement is safe because the caller added these actions in this transaction.
update hhrecon_costly
set state = (
  select case a.kind when 'undo' then 'undone' when 'decide' then 'decided' when 'undo_decision' then 'applied'
    else case a.result when 'applied' then 'released' else a.result end end
  from hhrecon_action as a
  where a.run_id = hhrecon_costly.run_id and a.seq = hhrecon_costly.seq and a.chain_seq > :after
)
where run_id = :run_id and seq in (
  select a.seq from hhrecon_action as a
  where a.run_id = :run_id and a.chain_seq > :after
    and (a.kind = 'release' or a.kind in ('undo', 'decide', 'undo_decision') and a.result = 'applied')
)
