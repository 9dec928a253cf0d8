-- Finds a report. Safe: the transaction is SQLite's only writer.
select id from hhrecon_report where id = :id
