-- Tries to take the lock for migrations until the transaction ends, and reports whether it did. Safe behind a pooler
-- that shares connections between transactions: the lock belongs to the transaction, not to the session. It does not
-- wait, because waiting processes could take all connections of the pool from the one that migrates.
select pg_try_advisory_xact_lock(7205759403792794)
