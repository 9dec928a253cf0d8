-- Saves the result of an attempt.
-- The statement is safe because it finds the row only if the caller owns the delivery and the attempt is current. If
-- the connection was lost, a retry saves the same result.
update hhrecon_delivery
set state = :state, next_at = :next_at, doubtful = :doubtful, note = :note, sent_at = :sent_at
where id = :id and state in ('sending', :state) and owner_token = :token and tries = :tries
