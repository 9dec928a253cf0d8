-- Notes how a try ended. Safe: it finds the row only while it is the caller's, in this very try; and noted twice, after a
-- lost answer, it says the same.
update hhrecon_delivery
set state = :state, next_at = :next_at, doubtful = :doubtful, note = :note, sent_at = :sent_at
where id = :id and state in ('sending', :state) and owner_token = :token and tries = :tries
