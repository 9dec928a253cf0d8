-- Locks a run's row until the transaction ends. Safe: it changes nothing, and a run that is taken
-- over meanwhile is seen as it is then.
select state from hhrecon_run where id = :run_id for update
