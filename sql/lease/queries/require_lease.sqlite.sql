-- Finds the run only if it belongs to the caller.
-- The statement is safe because the transaction is SQLite's only writer, so no other process can take over the run
-- before the transaction ends.
select id from hhrecon_run
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
