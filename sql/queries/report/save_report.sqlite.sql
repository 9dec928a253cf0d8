-- Adds a report. If :base_id is 0, the report is its own base.
-- The statement is safe because the transaction is SQLite's only writer, so the id is free. The index
-- hhrecon_report_of_run rejects a second report of a run. The index hhrecon_report_of_period rejects a second base of a
-- job's period. If an index rejects the report, no row is returned.
insert into hhrecon_report (id, base_id, edition, run_id, project_id, window_from, window_to, job, made_by, made_at)
select n.id, coalesce(nullif(:base_id, 0), n.id), :edition, nullif(:run_id, 0), :project_id,
       case when :run_id = 0 then :from end, case when :run_id = 0 then :to end, :job, :made_by, :now
from (select coalesce(max(id), 0) + 1 as id from hhrecon_report) as n
where true
on conflict do nothing
returning id
