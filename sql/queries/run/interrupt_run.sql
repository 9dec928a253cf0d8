-- Gives a run up to whoever goes on with it. Safe: it finds the run only while it is that owner's.
update hhrecon_run
set state = 'interrupted', broken = :note, broken_code = :note_code, broken_args = :note_args
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
