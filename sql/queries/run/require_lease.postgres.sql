-- Finds the run only while it is the caller's, and keeps it so until the transaction ends. Safe: a
-- process that takes the run over waits for this transaction, or this one finds nothing. A machine that vanishes in the
-- middle of it holds the row no longer than the server waits for its next statement.
select id from hhrecon_run
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
  and set_config('idle_in_transaction_session_timeout', '15s', true) is not null
for no key update
