-- Waits until no other process migrates, and keeps it so until the transaction ends. Safe behind a
-- pooler that shares connections between transactions, since the lock is the transaction's, not the session's.
select pg_advisory_xact_lock(7205759403792794)
