-- Notes a sign of life of who tries a delivery, by the database's clock. Safe: it finds the row only while it is the
-- caller's, in this very try.
update hhrecon_delivery
set beat_at = :clock
where id = :id and state = 'sending' and owner_token = :token and tries = :tries
