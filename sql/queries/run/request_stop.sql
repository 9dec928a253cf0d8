-- Asks a run's owner to stop. The owner sees the request at its next heartbeat.
-- The statement is safe because it changes only the request.
update hhrecon_run
set stop_by = :stop_by
where id = :run_id and state = 'running'
