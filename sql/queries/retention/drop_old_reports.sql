-- Deletes old reports with their corrections.
-- The statement is safe because it deletes all these reports at once, and the reports' deliveries were deleted earlier
-- in this transaction.
delete from hhrecon_report
where base_id in (
  :reports
)
