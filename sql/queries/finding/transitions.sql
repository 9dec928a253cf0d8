-- Returns the next page of payins after a run, each with its state after this run and after the previous run. The
-- payins of this run come first. The payins that only the previous run queried, and that are not older than the time
-- window, follow.
-- The statement only reads, using keys.
select payment_id, currency, amount, created_at, outcome, correction, status, status_then,
       outcome_then, decided, earlier
from (
  select n.seq, 1 as queried, n.payment_id, n.currency, n.merchant_amount as amount, n.created_at, n.outcome, n.correction,
         case when n.correction = 'applied' then n.status_after else n.status_before end as status,
         coalesce(case when b.correction = 'applied' then b.status_after else b.status_before end, '') as status_then,
         coalesce(b.outcome, '') as outcome_then,
         case when n.outcome = 'reversed' and exists (
           select 1 from (:finding) as f where f.run_id = n.run_id and f.seq = n.seq and (:decided_at) is not null
         ) then 1 else 0 end as decided,
         case when b.run_id is null and exists (
           select 1 from hhrecon_finding as e join hhrecon_run as r on r.id = e.run_id
           where e.project_id = n.project_id and e.payment_id = n.payment_id and e.run_id < n.run_id and not r.dry_run
         ) then 1 else 0 end as earlier
  from hhrecon_finding as n
  left join hhrecon_finding as b on b.project_id = n.project_id and b.payment_id = n.payment_id and b.run_id = :before
  where n.run_id = :run_id and n.seq between :first and :last
  union all
  select b.seq, 0, b.payment_id, b.currency, b.merchant_amount, b.created_at, b.outcome, b.correction, '',
         case when b.correction = 'applied' then b.status_after else b.status_before end, b.outcome, 0, 0
  from hhrecon_finding as b
  where b.run_id = :before and b.seq between :first and :last
    and not exists (
      select 1 from hhrecon_finding as n
      where n.project_id = b.project_id and n.payment_id = b.payment_id and n.run_id = :run_id)
    and not exists (
      select 1 from hhrecon_unresolved as u
      where u.run_id = :run_id and u.project_id = b.project_id and u.payment_id = b.payment_id)
) as s
order by queried desc, seq
