-- Deletes some expired sessions. Safe: they cannot be used any more. The clock is read once, so that the index
-- hhrecon_session_expires applies. The limit keeps the statement short.
delete from hhrecon_session
where token_hash in (
  select token_hash from hhrecon_session
  where expires_at <= (select :clock)
  order by expires_at, token_hash
  limit 100
)
