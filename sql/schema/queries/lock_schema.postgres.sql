-- Tries to take the lock for migrations until the transaction ends, and reports whether it succeeded.
-- The statement is safe behind a pooler that shares connections between transactions, because the lock belongs to the
-- transaction. The statement does not wait. Otherwise waiting processes could use all connections of the pool, and no
-- connection would be left for the process that migrates.
select pg_try_advisory_xact_lock(7205759403792794)
