-- Queues some of a project's batches again. The workers of these batches send no heartbeat, or the jobs of these
-- batches are lost, for example after a crash.
-- The statement is safe because the former worker's claim is no longer valid. A row that another transaction has locked
-- is skipped.
update hhrecon_batch as b
set state = 'queued', worker = '', claim = '', beat_at = clock_timestamp()
from (
  select b.run_id, b.number, b.state
  from hhrecon_batch as b join hhrecon_run as r on r.id = b.run_id
  where r.project_id = :project_id and b.state in ('queued', 'working')
    and b.beat_at < clock_timestamp() - make_interval(secs => :heartbeat_age)
    and (r.state = 'running' or b.number = 0 and r.closed_at is not null)
    and (b.state = 'working' or not exists (select 1 from river_job as j
                                            where j.id = b.job_id and j.state in ('available', 'pending', 'retryable', 'scheduled')))
  for update of b skip locked
) as stale
where b.run_id = stale.run_id and b.number = stale.number
returning b.run_id, b.number, stale.state
