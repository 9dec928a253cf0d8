-- Saves a heartbeat with the time of the database's clock, because the hosts' clocks may differ.
-- The statement is safe because it finds the run only if the run belongs to the caller.
update hhrecon_run
set beat_at = :clock
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
returning stop_by
