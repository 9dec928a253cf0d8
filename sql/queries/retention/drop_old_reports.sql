-- Deletes old reports with their corrections. Safe: it is one statement, and the reports' deliveries were deleted
-- earlier in this transaction.
delete from hhrecon_report
where base_id in (
  :reports
)
