-- Deletes some alerts that are old, or that started a run whose deletion has begun.
-- The statement is safe because alerts that wait for a run are kept.
delete from hhrecon_alert
where id in (
  select o.id
  from (
    select id from hhrecon_alert
    where project_id = :project_id and state <> 'waiting' and received_at < :before
    union
    select a.id
    from hhrecon_run as r
    join hhrecon_alert as a on a.run_id = r.id
    where r.project_id = :project_id and r.thinned_at is not null and a.state <> 'waiting'
  ) as o
  limit :limit
)
