-- Gives a project to somebody who acts on it by hand. Safe: the caller has locked the row, and seen that it may.
update hhrecon_project_lock
set token = :token, kind = :kind, run_id = :run_id, owner_host = :host, owner_pid = :pid, owner_process = :process,
    started_at = :clock, beat_at = :clock
where project_id = :project_id
