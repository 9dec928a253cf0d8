-- Returns the base reports of a job's periods that ended after a time, latest first.
-- The statement only reads, using the index hhrecon_report_of_period.
select id
from hhrecon_report
where edition = 0 and run_id is null and job = :job and project_id = :project_id and window_to > :since
order by window_to desc
