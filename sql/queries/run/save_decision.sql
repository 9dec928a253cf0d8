-- Keeps what becomes of a run's corrections, and what they come to. Safe: it finds the run only while it is
-- the caller's, so that a run that breaks off while it settles goes on as it began.
update hhrecon_run
set decision = :decision, note = :note, note_code = :note_code, note_args = :note_args,
    answered = :answered, open = :open, changes = :changes, harmful = :harmful, classes = :classes
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
