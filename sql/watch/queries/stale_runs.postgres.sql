-- Lists a project's queued runs without a heartbeat of any worker; one that a person stopped is left to the worker that
-- takes the next batch of it. Safe: it only reads; who takes one over looks again.
select id
from hhrecon_run as r
where project_id = :project_id and state = 'running' and stop_by = '' and beat_at < clock_timestamp() - make_interval(secs => :silence)
  and exists (select 1 from hhrecon_batch as b where b.run_id = r.id)
