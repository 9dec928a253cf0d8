-- Gives a scheduled time a new owner.
-- The statement is safe because the caller has locked the row, and checked that its owner is dead.
update hhrecon_due
set owner_token = :token, owner_host = :host, owner_pid = :pid, owner_process = :process, beat_at = :clock
where job = :job and due_at = :at and state = 'claimed'
