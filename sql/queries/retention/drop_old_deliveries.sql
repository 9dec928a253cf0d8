-- Deletes the deliveries of reports that are deleted in this transaction. Safe: they were sent or given up.
delete from hhrecon_delivery
where report_id in (select e.id from hhrecon_report as e where e.base_id in (
  :reports
))
