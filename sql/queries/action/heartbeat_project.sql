-- Saves a heartbeat of the process that acts on a project, with the time of the database's clock.
-- The statement is safe because it finds the row only if the lock belongs to the caller.
update hhrecon_project_lock
set beat_at = :clock
where project_id = :project_id and token = :token
