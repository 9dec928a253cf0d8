-- Counts runs that are older than the retention but are kept.
-- The statement only reads.
select count(*) from hhrecon_run
where project_id = :project_id and thinned_at is null and id > :after and id < :young
