-- Returns the latest scheduled time of a job.
-- The statement only reads, using the primary key.
select job, due_at as at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note, :clock as read_at
from hhrecon_due
where job = :job
order by due_at desc
limit 1
