-- Reads a scheduled time.
-- The statement is safe because the transaction is SQLite's only writer, so the row does not change.
select job, due_at as at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note, :clock as read_at
from hhrecon_due
where job = :job and due_at = :at
