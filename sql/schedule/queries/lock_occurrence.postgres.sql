-- A due time as it stands, kept so until the transaction ends. Safe: of two that would take it over, the second sees
-- what the first has made of it.
select job, due_at as at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note, :clock as read_at
from hhrecon_due
where job = :job and due_at = :at
for update
