-- Erases the bodies of some of the project's old alerts. The newest old alerts come first, because the oldest alerts
-- are already erased.
-- The statement is safe because it erases only the body, and a waiting alert keeps its body.
update hhrecon_alert set body = :empty
where id in (
  select id from hhrecon_alert
  where project_id = :project_id and state <> 'waiting' and received_at < :before and body <> :empty
  order by received_at desc
  limit :limit
)
