-- Deletes the final payins above the limit for rechecks from a run's selection. Final payins come after the open
-- payins.
-- The statement is safe because it runs in the transaction that opens the run, before any payin is judged.
delete from hhrecon_selection
where run_id = :run_id and query = 'final_payins.sql' and seq > cast(:limit as bigint) + (
  select count(*) from hhrecon_selection where run_id = :run_id and query = 'open_payins.sql'
)
