-- Returns the history of a page of payins that a period counts. The history consists of the findings of the period's
-- closed runs. Payins without several different findings are left out. Of consecutive equal findings, only the first is
-- returned. Missing and untrusted answers after the finding by which the period counts the payin are left out. :begin
-- is the period's first run.
-- The statement only reads, payin by payin, using the index hhrecon_finding_payin. Each finding is read only a few
-- times for any number of runs.
with last as (
  select f.run_id, f.seq, f.project_id, f.payment_id, f.currency, f.merchant_amount
  from hhrecon_finding as f
  where f.run_id = :run_id and f.seq between :first and :last
    and :counted
), history as (
  select last.seq, last.project_id, last.payment_id, last.currency, last.merchant_amount,
         f.run_id, r.started_at, f.outcome, coalesce(f.amount, 0) as amount,
         lag(f.outcome) over earlier as outcome_before, lag(coalesce(f.amount, 0)) over earlier as amount_before,
         count(*) over payin as runs,
         sum(case when f.correction = 'applied' or f.correction = 'held' and 0 < (
             select count(*) from hhrecon_action as a
             where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release' and a.result = 'applied'
           ) then 1 else 0 end) over payin as applied
  from last
  join hhrecon_finding as f on f.project_id = last.project_id and f.payment_id = last.payment_id
    and f.run_id >= :begin
    and (f.run_id <= last.run_id or f.outcome not in ('unreachable', 'unverifiable'))
  join hhrecon_run as r on r.id = f.run_id
  where r.closed_at is not null and not r.dry_run
    and r.started_at >= :from and r.started_at < :to
  window payin as (partition by last.seq), earlier as (partition by last.seq order by f.run_id)
)
select project_id, payment_id, currency, merchant_amount as amount, run_id, started_at, outcome, amount as paid_amount,
       runs, applied
from (
  select history.*, count(*) over (partition by seq) as entries
  from history
  where outcome_before is null or outcome <> outcome_before or amount <> amount_before
) as entry
where entries > 1
order by seq, run_id
