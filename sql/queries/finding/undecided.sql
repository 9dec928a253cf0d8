-- Returns the latest findings that may need a person's decision, newest first. It also returns the last decision and
-- the values that AwaitsDecision checks. AwaitsDecision uses the run's rules to find out whether a row is final. A
-- :run_id of 0 means all runs. The few open runs and dry runs are read once. Later findings are looked up only in the
-- index hhrecon_finding_payin.
-- The statement only reads, using the index hhrecon_finding_undecided.
select f.run_id, f.seq, f.outcome, f.provider_status, f.status, f.after_status, f.correction, f.rules, (
         :decided_at
       ) as decided_at
from (
  :finding
) as f
where f.outcome in ('different_amount', 'reversed')
  and f.run_id not in (select r.id from hhrecon_run as r where r.closed_at is null or r.dry_run)
  and (cast(:run_id as bigint) = 0 or f.run_id = :run_id)
  and f.seq > :beyond
  and (cast(:project_id as text) = '' or f.project_id = :project_id)
  and (cast(:outcome as text) = '' or f.outcome = :outcome)
  and (
    cast(:text as text) = ''
    or lower(f.payment_id) like :text escape '!'
    or lower(f.request_id) like :text escape '!'
  )
  and (
    select later.run_id
    from hhrecon_finding as later
    where later.project_id = f.project_id and later.payment_id = f.payment_id and later.run_id > f.run_id
      and later.run_id not in (select r.id from hhrecon_run as r where r.closed_at is null or r.dry_run)
    order by later.run_id desc
    limit 1
  ) is null
order by f.run_id desc, f.seq desc
