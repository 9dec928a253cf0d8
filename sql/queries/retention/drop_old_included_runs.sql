-- Takes out what reports that are taken out in this transaction cover, and that reports cover runs that are being taken out. Safe:
-- no correction is made to what is so old.
delete from hhrecon_report_run
where report_id in (select e.id from hhrecon_report as e where e.base_id in (
    :reports
  ))
  or run_id in (select r.id from hhrecon_run as r where r.project_id = :project_id and r.thinned_at is not null)
