-- Returns the base report of a job's period.
-- The statement only reads, using the index hhrecon_report_of_period.
select id
from hhrecon_report
where edition = 0 and run_id is null and job = :job and project_id = :project_id
  and window_from = :from and window_to = :to
