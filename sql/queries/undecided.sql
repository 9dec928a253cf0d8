-- The last words that may wait for a person's decision and have none, newest first, with what AwaitsDecision looks at:
-- whether a row is final depends on the rules of the run. A :run_id of zero is any. Safe: it only reads, by the index
-- hhrecon_finding_undecided.
select f.run_id, f.seq, f.outcome, f.provider_status, f.status_after, f.correction, f.rules
from (
  :finding
) as f
where f.counts and f.outcome in ('different_amount', 'reversed')
  and (cast(:run_id as bigint) = 0 or f.run_id = :run_id)
  and f.seq > :beyond
  and (cast(:project_id as text) = '' or f.project_id = :project_id)
  and (cast(:outcome as text) = '' or f.outcome = :outcome)
  and (
    cast(:text as text) = ''
    or lower(f.payment_id) like :text escape '!'
    or lower(f.request_id) like :text escape '!'
  )
  and f.run_id >= (
    :last_word
  )
  and not exists (
    :rulings
  )
order by f.run_id desc, f.seq desc
