-- Marks a run as interrupted, so any process can resume it.
-- The statement is safe because it finds the run only if the run belongs to the caller.
update hhrecon_run
set state = 'interrupted', broken = :note, broken_code = :note_code, broken_args = :note_args
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
