-- One report. Safe: it only reads.
select r.id as report_id, r.base_id, r.edition, coalesce(r.run_id, 0) as run_id, r.project_id, r.window_from, r.window_to,
       r.job, r.made_at as report_made_at
from hhrecon_report as r
where r.id = :id
