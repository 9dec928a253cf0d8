-- Reads a run's row.
-- The statement is safe because the transaction is SQLite's only writer, so the row does not change.
select state from hhrecon_run where id = :run_id
