-- Releases the lock on a project: of the owner with :token, or of any owner if :token is empty. Safe: the caller is
-- that owner, or has locked the row and checked that the owner's process is gone.
update hhrecon_project_lock
set token = ''
where project_id = :project_id and (cast(:token as text) = '' or token = :token)
