-- Finds the run only while it is the caller's, and keeps it so until the transaction ends. Safe: a
-- process that takes the run over waits for this transaction, or this one finds nothing.
select id from hhrecon_run
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
for no key update
