-- Saves which runs a report version includes. Safe: :runs only reads (runs_of_scope.sql), and the version was made in
-- this transaction.
insert into hhrecon_report_run (report_id, run_id)
select :report_id, r.id from (:runs) as r
