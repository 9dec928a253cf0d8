-- Returns the latest findings that may need a person's decision, newest first. It also returns the last decision and
-- the values that AwaitsDecision checks. AwaitsDecision uses the run's rules to find out whether a row is final. A
-- :run_id of 0 means all runs.
-- The statement only reads. The table hhrecon_undecided contains all findings that wait and few others, so the
-- statement does not read the findings that people decided long ago. Later findings are looked up in the index
-- hhrecon_finding_payin. All these findings count. The condition f.counts makes a scan of all findings too expensive for
-- the planner, so it looks up each one.
select f.run_id, f.seq, f.project_id, f.outcome, f.provider_status, f.status, f.after_status, f.correction, f.rules, (
         :decided_at
       ) as decided_at
from hhrecon_undecided as u
join (
  :finding
) as f on f.run_id = u.run_id and f.seq = u.seq
where (cast(:project_id as text) = '' or u.project_id = :project_id)
  and (cast(:run_id as bigint) = 0 or u.run_id = :run_id)
  and u.seq > :beyond
  and f.counts
  and (cast(:outcome as text) = '' or f.outcome = :outcome)
  and (
    cast(:text as text) = ''
    or lower(f.payment_id) like :text escape '!'
    or lower(f.request_id) like :text escape '!'
  )
  and not exists (
    select 1
    from hhrecon_finding as later
    join hhrecon_run as r on r.id = later.run_id and r.closed_at is not null and not r.dry_run
    where later.project_id = f.project_id and later.payment_id = f.payment_id and later.run_id > f.run_id
  )
order by f.run_id desc, f.seq desc
