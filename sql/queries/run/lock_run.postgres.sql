-- Locks a run's row until the transaction ends. Safe: it changes nothing. If another process has taken over the run
-- meanwhile, it returns the new owner.
select state from hhrecon_run where id = :run_id for update
