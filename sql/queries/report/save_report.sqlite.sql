-- Makes a report, of which it is the base itself where :base_id is 0. Safe: the transaction is SQLite's one writer
-- already, so the number is free; the index hhrecon_report_of_run refuses a second one of a run, and
-- hhrecon_report_of_period a second base of a job's period; nothing is returned then.
insert into hhrecon_report (id, base_id, edition, run_id, project_id, window_from, window_to, job, made_by, made_at)
select n.id, coalesce(nullif(:base_id, 0), n.id), :edition, nullif(:run_id, 0), :project_id,
       case when :run_id = 0 then :from end, case when :run_id = 0 then :to end, :job, :made_by, :now
from (select coalesce(max(id), 0) + 1 as id from hhrecon_report) as n
where true
on conflict do nothing
returning id
