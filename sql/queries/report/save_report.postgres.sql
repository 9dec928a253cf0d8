-- Makes a report, of which it is the base itself where :base_id is 0. Safe: the index hhrecon_report_of_run refuses a
-- second one of a run, and hhrecon_report_of_period a second base of a job's period, also where both looked and saw
-- none; nothing is returned then.
insert into hhrecon_report (id, base_id, edition, run_id, project_id, window_from, window_to, job, made_by, made_at)
select n.id, coalesce(nullif(cast(:base_id as bigint), 0), n.id), :edition, nullif(cast(:run_id as bigint), 0), :project_id,
       case when cast(:run_id as bigint) = 0 then cast(:from as timestamptz) end,
       case when cast(:run_id as bigint) = 0 then cast(:to as timestamptz) end, :job, :made_by, :now
from (select nextval(pg_get_serial_sequence('hhrecon_report', 'id')) as id) as n
on conflict do nothing
returning id
