-- Releases the lock on a project if the lock's owner has :token. An empty :token means any owner.
-- The statement is safe because the caller is that owner, or has locked the row and checked that the owner's process is
-- dead.
update hhrecon_project_lock
set token = ''
where project_id = :project_id and (cast(:token as text) = '' or token = :token)
