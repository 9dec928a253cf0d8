-- Reads a project's lock, and locks its row until the transaction ends, so other processes must wait.
-- The statement is safe because it adds a missing row, and otherwise changes nothing.
insert into hhrecon_project_lock (project_id, started_at, beat_at)
values (:project_id, :clock, :clock)
on conflict (project_id) do update set token = hhrecon_project_lock.token
returning project_id, run_id as id, token as owner_token, kind as action, owner_host, owner_pid, owner_process,
          started_at, beat_at as heartbeat_at, :clock as read_at
