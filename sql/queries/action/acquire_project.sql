-- Gives the lock on a project to a process that acts on the project for a person.
-- The statement is safe because the caller has locked the row, and checked that no live process has the lock.
update hhrecon_project_lock
set token = :token, kind = :kind, run_id = :run_id, owner_host = :host, owner_pid = :pid, owner_process = :process,
    started_at = :clock, beat_at = :clock
where project_id = :project_id
