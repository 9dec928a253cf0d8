-- Saves the result of an attempt. Safe: it finds the row only while the caller owns it, in the current attempt. A retry
-- after a lost answer saves the same.
update hhrecon_delivery
set state = :state, next_at = :next_at, doubtful = :doubtful, note = :note, sent_at = :sent_at
where id = :id and state in ('sending', :state) and owner_token = :token and tries = :tries
