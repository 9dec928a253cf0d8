-- Sets the last run number to a given one. Safe: the caller holds the write lock, and numbers are only skipped.
update sqlite_sequence
set seq = :last
where name = 'hhrecon_run' and seq < :last
