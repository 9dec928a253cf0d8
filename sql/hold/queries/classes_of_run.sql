-- Returns a run's totals by class. The totals were saved when the run decided which classes to hold.
-- The statement only reads, and the caller holds the lease on the run.
select classes from hhrecon_run where id = :run_id
