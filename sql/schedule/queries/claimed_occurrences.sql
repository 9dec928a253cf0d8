-- Returns the claimed scheduled times of all owners, live or dead, oldest first.
-- The statement only reads, using the index hhrecon_due_claimed.
select job, due_at as at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note, :clock as read_at
from hhrecon_due
where state = 'claimed'
order by due_at, job
