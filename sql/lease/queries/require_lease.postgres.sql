-- Finds the run only if it belongs to the caller, and locks its row until the transaction ends. The statement is safe
-- because a process that takes over the run waits for this transaction. If the process was first, this transaction
-- finds no run. If the caller's machine disappears, idle_in_transaction_session_timeout releases the lock.
select id from hhrecon_run
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
  and set_config('idle_in_transaction_session_timeout', '15s', true) is not null
for no key update
