-- Records that no process runs a job for a scheduled time.
-- The statement is safe because an existing row stays, unless this owner has claimed it.
insert into hhrecon_due (job, due_at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note)
values (:job, :at, 'skipped', :token, :host, :pid, :process, :clock, :note)
on conflict (job, due_at) do update set state = 'skipped', note = excluded.note
where hhrecon_due.state = 'claimed' and hhrecon_due.owner_token = excluded.owner_token
