-- Reads the runs that are to be taken out. Safe: the transaction is SQLite's one writer already.
select id from hhrecon_run
where project_id = :project_id and thinned_at is null and id <= :last
order by id
