-- Locks a run's row until the transaction ends. Safe: it changes nothing, and a takeover of the run meanwhile is seen
-- here.
select state from hhrecon_run where id = :run_id for update
