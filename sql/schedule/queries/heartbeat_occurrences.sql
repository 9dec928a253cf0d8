-- Saves a heartbeat for all scheduled times that an owner has claimed, with the time of the database's clock.
-- The statement is safe because claims of other owners are not changed.
update hhrecon_due
set beat_at = :clock
where state = 'claimed' and owner_token = :token
