-- Saves a heartbeat of the process that sends a delivery, by the database's clock. Safe: it finds the row only while
-- the caller owns it, in the current attempt.
update hhrecon_delivery
set beat_at = :clock
where id = :id and state = 'sending' and owner_token = :token and tries = :tries
