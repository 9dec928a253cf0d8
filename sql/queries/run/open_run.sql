-- Adds a running run of a project.
-- The statement is safe because the index hhrecon_run_one_running rejects a second running run, even if two processes
-- open a run at the same time.
insert into hhrecon_run (
  project_id, state, dry_run, whole, window_from, window_to, rules, started_at,
  owner_token, owner_host, owner_pid, owner_process, beat_at, origin, begun_by, due, announce, no_email, query_check
) values (
  :project_id, 'running', :dry_run, :whole, :window_from, :window_to, :rules, :started_at,
  :token, :host, :pid, :process, :clock, :origin, :begun_by, :due, :announce, :no_email, :query_check
)
returning id
