-- Finds the run only while it is the caller's. Safe: the transaction is SQLite's one writer already,
-- so nobody takes the run over before it ends.
select id from hhrecon_run
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
