-- Returns a project's queued runs without a recent heartbeat of any worker. A run that a person stopped is left to the
-- worker that takes its next batch. Safe: it only reads, and the process that takes over a run checks again.
select id
from hhrecon_run as r
where project_id = :project_id and state = 'running' and stop_by = '' and beat_at < clock_timestamp() - make_interval(secs => :silence)
  and exists (select 1 from hhrecon_batch as b where b.run_id = r.id)
