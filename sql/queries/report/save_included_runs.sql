-- Saves which runs a report version includes.
-- The statement is safe because :runs (runs_of_scope.sql) only reads, and the version was created in this transaction.
insert into hhrecon_report_run (report_id, run_id)
select :report_id, r.id from (:runs) as r
