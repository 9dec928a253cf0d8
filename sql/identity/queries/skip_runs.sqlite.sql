-- Sets the last run ID to a given number, so later runs get higher IDs.
-- The statement is safe because the caller holds the write lock, and the statement only skips numbers.
update sqlite_sequence
set seq = :last
where name = 'hhrecon_run' and seq < :last
