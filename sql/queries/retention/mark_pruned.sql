-- Hides runs that are being taken out: nobody finds them any more. Safe: the caller has locked them, and seen that they are
-- old and that nobody needs them.
update hhrecon_run set thinned_at = :now
where project_id = :project_id and thinned_at is null and id <= :last
