-- Reads a run's row. Safe: the transaction is SQLite's one writer already, so the row stays as it is.
select state from hhrecon_run where id = :run_id
