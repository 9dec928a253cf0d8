-- Removes some sessions that have expired. Safe: no person finds them any more. The clock is read once, so that the index
-- hhrecon_session_expires serves; and a few at a time cost little, however many there are.
delete from hhrecon_session
where token_hash in (
  select token_hash from hhrecon_session
  where expires_at <= (select :clock)
  order by expires_at, token_hash
  limit 100
)
