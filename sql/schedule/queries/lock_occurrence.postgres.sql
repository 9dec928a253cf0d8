-- Reads a scheduled time and locks it until the transaction ends.
-- The statement is safe because the second of two simultaneous processes sees the result of the first process.
select job, due_at as at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note, :clock as read_at
from hhrecon_due
where job = :job and due_at = :at
for update
