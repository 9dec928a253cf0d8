-- Ends the project's older holds of which nothing is left. Safe: the caller holds the fence, so that none of them grows.
update hhrecon_run
set state = 'complete'
where project_id = :project_id and state = 'held' and id <> :run_id
  and not exists (select 1 from hhrecon_costly as h where h.hold_id = hhrecon_run.id and h.state = 'held')
