-- Takes over a delivery whose process is dead; it may have arrived. Safe: it finds the row only while it is that process's,
-- in that very try, so of several only one takes it.
update hhrecon_delivery
set owner_token = :token, owner_host = :host, owner_pid = :pid, owner_process = :process,
    tries = tries + 1, doubtful = true, claimed_at = :clock, beat_at = :clock
where id = :id and state = 'sending' and owner_token = :dead_token and tries = :tries
