-- Erases the bodies of some of the project's old alerts, newest first, because older ones are erased already. Safe:
-- only the body is erased, and a waiting alert keeps it.
update hhrecon_alert set body = :empty
where id in (
  select id from hhrecon_alert
  where project_id = :project_id and state <> 'waiting' and received_at < :before and body <> :empty
  order by received_at desc
  limit :limit
)
