-- Saves a heartbeat for all scheduled times that an owner has claimed, by the database's clock. Safe: those of other
-- owners are not changed.
update hhrecon_due
set beat_at = :clock
where state = 'claimed' and owner_token = :token
