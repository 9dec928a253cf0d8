-- Locks the runs that are to be taken out until the transaction ends, so that nobody acts on them meanwhile. Safe: it changes
-- nothing; the caller looks again what they are needed for.
select id from hhrecon_run
where project_id = :project_id and thinned_at is null and id <= :last
order by id
for update
