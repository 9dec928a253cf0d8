-- Returns one report.
-- The statement only reads.
select r.id, r.base_id, r.edition as version, coalesce(r.run_id, 0) as scope_run_id, r.project_id as scope_project_id,
       r.window_from as scope_window_from, r.window_to as scope_window_to,
       case when r.edition > 0 then r.id else 0 end as scope_correction, r.job, r.made_at
from hhrecon_report as r
where r.id = :id
