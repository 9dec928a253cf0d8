-- Locks the runs to be deleted until the transaction ends, so no person can act on them meanwhile.
-- The statement is safe because it changes nothing, and the caller checks again whether the runs are still needed.
select id from hhrecon_run
where project_id = :project_id and thinned_at is null and id <= :last
order by id
for update
