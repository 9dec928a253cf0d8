-- Saves a worker's heartbeat for its run, with the time of the database's clock.
-- The statement is safe because it finds the run only if the run belongs to the workers. If the worker's machine
-- disappears, the lock on the row ends after the timeout that require_lease.postgres.sql sets.
update hhrecon_run
set beat_at = clock_timestamp()
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
  and set_config('idle_in_transaction_session_timeout', '15s', true) is not null
returning stop_by
