-- Returns a project's queued runs without a recent heartbeat of any worker. If a person stopped a run, it is left out,
-- because the worker that claims its next batch ends it.
-- The statement only reads, and the process that takes over a run checks again.
select id
from hhrecon_run as r
where project_id = :project_id and state = 'running' and stop_by = '' and beat_at < clock_timestamp() - make_interval(secs => :heartbeat_age)
  and exists (select 1 from hhrecon_batch as b where b.run_id = r.id)
