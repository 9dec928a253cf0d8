-- Empties some of the project's old alerts, the newest of them first, since those before them are empty already. Safe: only the body goes, and an
-- alert that waits keeps it.
update hhrecon_alert set body = :empty
where id in (
  select id from hhrecon_alert
  where project_id = :project_id and state <> 'waiting' and received_at < :before and body <> :empty
  order by received_at desc
  limit :limit
)
