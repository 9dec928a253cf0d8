-- Asks a run's owner to stop; it sees that with its next sign of life. Safe: it changes nothing but the request.
update hhrecon_run
set stop_by = :stop_by
where id = :run_id and state = 'running'
