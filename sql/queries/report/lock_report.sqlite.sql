-- Finds a report. Safe: the transaction is SQLite's one writer already.
select id from hhrecon_report where id = :id
