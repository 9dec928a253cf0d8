-- Tells whether no other process migrates, and keeps it so until the transaction ends. Safe behind a pooler
-- that shares connections between transactions: the lock is the transaction's and not the session's, and
-- it does not wait, since those who wait could take all connections of the pool from the one who migrates.
select pg_try_advisory_xact_lock(7205759403792794)
