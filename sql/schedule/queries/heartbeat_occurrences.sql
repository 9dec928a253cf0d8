-- Notes a sign of life for all that an owner has claimed, by the database's clock. Safe: what is another's by now is
-- left alone.
update hhrecon_due
set beat_at = :clock
where state = 'claimed' and owner_token = :token
