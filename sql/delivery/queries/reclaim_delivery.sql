-- Takes over a delivery whose process is dead. The mail of the delivery may have arrived.
-- The statement is safe because it finds the row only if the dead process still owns the delivery in the same attempt,
-- so only one process takes over the delivery.
update hhrecon_delivery
set owner_token = :token, owner_host = :host, owner_pid = :pid, owner_process = :process,
    tries = tries + 1, doubtful = true, claimed_at = :clock, beat_at = :clock
where id = :id and state = 'sending' and owner_token = :expired_token and tries = :tries
