-- The words that a period's closed runs had on the payins whose last word is in a page of a run, where there were several; of
-- neighbours that say the same, the first. Safe: it only reads. As in findings_of_period.sql, the last word is asked of each finding,
-- and each payin's other ones are found, by the index hhrecon_finding_payin: so every finding is read a few times, however many
-- runs there are. :begin is the period's first run.
with last as (
  select f.seq, f.project_id, f.payment_id, f.currency, f.merchant_amount
  from hhrecon_finding as f
  where f.run_id = :run_id and f.seq between :first and :last
    and f.run_id = (
      select later.run_id
      from hhrecon_finding as later
      join hhrecon_run as r on r.id = later.run_id
      where later.project_id = f.project_id and later.payment_id = f.payment_id and later.run_id >= f.run_id
        and r.closed_at is not null and not r.dry_run
        and r.started_at >= :from and r.started_at < :to
      order by later.run_id desc
      limit 1
    )
), told as (
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
    and f.run_id between :begin and :run_id
  join hhrecon_run as r on r.id = f.run_id
  where r.closed_at is not null and not r.dry_run
    and r.started_at >= :from and r.started_at < :to
  window payin as (partition by last.seq), earlier as (partition by last.seq order by f.run_id)
)
select project_id, payment_id, currency, merchant_amount as amount, run_id, started_at, outcome, amount as paid_amount,
       runs, applied
from (
  select told.*, count(*) over (partition by seq) as stages
  from told
  where outcome_before is null or outcome <> outcome_before or amount <> amount_before
) as stage
where stages > 1
order by seq, run_id
