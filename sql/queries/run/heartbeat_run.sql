-- Notes a sign of life, by the database's clock, since those of the hosts may differ. Safe: it finds the run only while it is the caller's.
update hhrecon_run
set beat_at = :clock
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
returning stop_by
