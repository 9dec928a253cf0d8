-- Notes a due time that nobody carries out. Safe: one that is there stays as it is, unless it is that owner's.
insert into hhrecon_due (job, due_at, state, owner_token, owner_host, owner_pid, owner_process, beat_at, note)
values (:job, :at, 'skipped', :token, :host, :pid, :process, :clock, :note)
on conflict (job, due_at) do update set state = 'skipped', note = excluded.note
where hhrecon_due.state = 'claimed' and hhrecon_due.owner_token = excluded.owner_token
