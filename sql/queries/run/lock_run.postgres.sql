-- Locks a run's row until the transaction ends.
-- The statement is safe because it changes nothing. If another process has taken over the run meanwhile, the statement
-- returns the new owner.
select state from hhrecon_run where id = :run_id for update
