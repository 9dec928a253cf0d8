-- Gives a run a new owner.
-- The statement is safe because the caller has locked the row and checked that the former owner is dead. The index
-- hhrecon_run_one_running rejects the change while another run of the project is running.
update hhrecon_run
set state = 'running', owner_token = :token, owner_host = :host, owner_pid = :pid,
    owner_process = :process, beat_at = :clock, stop_by = '', query_check = :query_check
where id = :run_id and state in ('running', 'interrupted')
