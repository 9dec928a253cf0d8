-- Sets the last number of a run to a given one. Safe: the caller holds the write lock, and numbers are only left out.
update sqlite_sequence
set seq = :last
where name = 'hhrecon_run' and seq < :last
