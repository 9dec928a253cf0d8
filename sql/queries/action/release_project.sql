-- Frees a project of somebody who acted on it by hand: of the owner with :token, or of any for an empty one. Safe: the caller is that owner,
-- or has locked the row and seen that the owner's process is gone.
update hhrecon_project_lock
set token = ''
where project_id = :project_id and (cast(:token as text) = '' or token = :token)
