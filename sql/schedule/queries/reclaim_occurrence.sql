-- Makes a due time another owner's. Safe: the caller has locked the row and seen that its owner is dead.
update hhrecon_due
set owner_token = :token, owner_host = :host, owner_pid = :pid, owner_process = :process, beat_at = :clock
where job = :job and due_at = :at and state = 'claimed'
