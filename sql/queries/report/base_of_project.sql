-- Returns the base report of the project's latest run that started at or after :since and has a base report. A report
-- made at a person's request is left out. Such a report was not sent to the regular recipients, so it is not corrected.
-- The report of a shadow run is left out, because the reports of later runs stand alone.
-- The statement only reads.
select b.id
from hhrecon_report as b
join hhrecon_run as r on r.id = b.run_id
where b.edition = 0 and b.made_by = '' and not r.dry_run and r.project_id = :project_id and r.started_at >= :since
order by r.id desc
limit 1
