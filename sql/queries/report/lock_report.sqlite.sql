-- Finds a report.
-- The statement is safe because the transaction is SQLite's only writer.
select id from hhrecon_report where id = :id
