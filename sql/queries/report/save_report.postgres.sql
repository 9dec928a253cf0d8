-- Adds a report. If :base_id is 0, the report is its own base.
-- The statement is safe because the index hhrecon_report_of_run rejects a second report of a run. The index
-- hhrecon_report_of_period rejects a second base of a job's period, even if two processes add the base at the same
-- time. If an index rejects the report, no row is returned.
insert into hhrecon_report (id, base_id, edition, run_id, project_id, window_from, window_to, job, made_by, made_at)
select n.id, coalesce(nullif(cast(:base_id as bigint), 0), n.id), :edition, nullif(cast(:run_id as bigint), 0), :project_id,
       case when cast(:run_id as bigint) = 0 then cast(:from as timestamptz) end,
       case when cast(:run_id as bigint) = 0 then cast(:to as timestamptz) end, :job, :made_by, :now
from (select nextval(pg_get_serial_sequence('hhrecon_report', 'id')) as id) as n
on conflict do nothing
returning id
