-- Claims a scheduled time that no process has claimed.
-- The statement is safe because the primary key accepts only one of two simultaneous claims, and the other claim waits
-- for the first.
insert into hhrecon_due (job, due_at, state, owner_token, owner_host, owner_pid, owner_process, beat_at)
values (:job, :at, 'claimed', :token, :host, :pid, :process, :clock)
on conflict (job, due_at) do nothing
