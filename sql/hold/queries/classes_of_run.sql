-- Returns a run's totals by class, as they were when it decided. Safe: it only reads, and the caller holds the lease on
-- the run.
select classes from hhrecon_run where id = :run_id
