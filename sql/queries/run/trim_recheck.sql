-- Deletes from a run's selection the final payins above the limit for rechecks; final payins come after the open ones.
-- Safe: it runs in the transaction that opens the run, and none of them is judged yet.
delete from hhrecon_selection
where run_id = :run_id and query = 'final_payins.sql' and seq > cast(:limit as bigint) + (
  select count(*) from hhrecon_selection where run_id = :run_id and query = 'open_payins.sql'
)
