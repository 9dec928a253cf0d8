-- Notes a heartbeat of who acts on a project, by the database's clock. Safe: it finds the row only while it is the caller's.
update hhrecon_project_lock
set beat_at = :clock
where project_id = :project_id and token = :token
