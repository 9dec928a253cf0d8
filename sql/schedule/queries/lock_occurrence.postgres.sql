-- Reads a scheduled time and locks it until the transaction ends. Safe: if two processes want to take it over, the
-- second sees the result of the first.
select job, due_at as at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note, :clock as read_at
from hhrecon_due
where job = :job and due_at = :at
for update
