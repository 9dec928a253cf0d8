-- Reads the runs to be deleted.
-- The statement is safe because the transaction is SQLite's only writer.
select id from hhrecon_run
where project_id = :project_id and thinned_at is null and id <= :last
order by id
