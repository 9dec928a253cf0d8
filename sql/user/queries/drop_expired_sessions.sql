-- Deletes some expired sessions. The clock is read once, so the database can use the index hhrecon_session_expires. The
-- limit keeps the statement short.
-- The statement is safe because expired sessions can no longer be used.
delete from hhrecon_session
where token_hash in (
  select token_hash from hhrecon_session
  where expires_at <= (select :clock)
  order by expires_at, token_hash
  limit 100
)
