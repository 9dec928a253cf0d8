-- Asks a run's owner to stop; the owner sees the request at its next heartbeat. Safe: it changes nothing but the
-- request.
update hhrecon_run
set stop_by = :stop_by
where id = :run_id and state = 'running'
