-- Notes a worker's sign of life for its run, by the database's clock. Safe: it finds the run only while it is the
-- workers', and a machine that vanishes holds the row no longer than require_lease.postgres.sql lets it.
update hhrecon_run
set beat_at = clock_timestamp()
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
  and set_config('idle_in_transaction_session_timeout', '15s', true) is not null
returning stop_by
