-- Returns the restore that a project's next run over all open payins must report. It returns no row if such a run has
-- already reported the restore. Runs in shadow report it too, although they are dry runs.
-- The statement only reads.
select i.known_run as known, i.shown_run as shown, max(case when not r.dry_run then r.started_at end) as since
from hhrecon_identity as i
left join hhrecon_run as r on r.project_id = :project_id and r.whole and r.closed_at is not null
  and (not r.dry_run or r.rules like '%"shadow":true%')
where i.restored_at is not null
group by i.known_run, i.shown_run, i.restored_at
having max(r.started_at) is null or max(r.started_at) < i.restored_at
