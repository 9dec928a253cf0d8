-- Saves a heartbeat of the process that sends a delivery, with the time of the database's clock.
-- The statement is safe because it finds the row only if the caller owns the delivery and the attempt is current.
update hhrecon_delivery
set beat_at = :clock
where id = :id and state = 'sending' and owner_token = :token and tries = :tries
