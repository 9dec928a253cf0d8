-- Deletes the deliveries of reports that this transaction deletes.
-- The statement is safe because the deliveries were sent or given up.
delete from hhrecon_delivery
where report_id in (select e.id from hhrecon_report as e where e.base_id in (
  :reports
))
