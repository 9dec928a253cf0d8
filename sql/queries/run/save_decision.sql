-- Saves the decision about a run's corrections, and their totals.
-- The statement is safe because it finds the run only if the run belongs to the caller. A run that is interrupted
-- while it settles keeps this decision when it resumes.
update hhrecon_run
set decision = :decision, note = :note, note_code = :note_code, note_args = :note_args,
    answered = :answered, open = :open, changes = :changes, harmful = :harmful, classes = :classes
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
