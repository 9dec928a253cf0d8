-- Deletes some old scheduled times, except the latest of each job.
-- The statement is safe because these times have ended, and no process runs a job for a time before the latest
-- scheduled time.
delete from hhrecon_due
where (job, due_at) in (
  select d.job, d.due_at
  from hhrecon_due as d
  where d.due_at < :before and d.state <> 'claimed'
    and exists (select 1 from hhrecon_due as later where later.job = d.job and later.due_at > d.due_at)
  limit :limit
)
