-- Saves a worker's heartbeat for its run, by the database's clock. Safe: it finds the run only while the run belongs to
-- the workers. A machine that disappears holds the lock on the row no longer than the timeout in
-- require_lease.postgres.sql.
update hhrecon_run
set beat_at = clock_timestamp()
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
  and set_config('idle_in_transaction_session_timeout', '15s', true) is not null
returning stop_by
