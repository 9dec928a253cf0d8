-- Deletes the rows about included runs, for reports that this transaction deletes and for runs whose deletion has
-- begun.
-- The statement is safe because such old reports are no longer corrected.
delete from hhrecon_report_run
where report_id in (select e.id from hhrecon_report as e where e.base_id in (
    :reports
  ))
  or run_id in (select r.id from hhrecon_run as r where r.project_id = :project_id and r.thinned_at is not null)
