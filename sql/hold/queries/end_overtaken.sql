-- Ends the project's older holds that no longer keep back a correction.
-- The statement is safe because the caller holds the lease on the run, so no correction is added to these holds.
update hhrecon_run
set state = 'complete'
where project_id = :project_id and state = 'held' and id <> :run_id
  and not exists (select 1 from hhrecon_costly as h where h.hold_id = hhrecon_run.id and h.state = 'held')
