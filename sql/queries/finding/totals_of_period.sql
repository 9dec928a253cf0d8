-- Returns the findings by which a period counts its payins, for totals.sql. To check counted.sql, this statement finds
-- the same findings in a different way. It reads all findings of the period at once, and groups consecutive equal
-- verdicts into stretches. Findings before the period are read only for payins that have only one stretch in the
-- period.
-- The statement only reads.
with f as (
  select a.*, a.outcome in ('unreachable', 'unverifiable') as weak,
         a.outcome || '|' || a.currency || '|' || coalesce(a.provider_status, '') || '|' || coalesce(a.provider_sub_status, '') || '|' ||
         coalesce(cast(a.amount as text), '') || '|' || coalesce(cast(a.old_amount as text), '') || '|' ||
         coalesce(cast(a.initial_amount as text), '') as verdict
  from hhrecon_finding as a
  join hhrecon_run as r on r.id = a.run_id
  where (cast(:project_id as text) = '' or r.project_id = :project_id)
    and r.closed_at is not null and not r.dry_run
    and r.started_at >= :from and r.started_at < :to
    -- This condition limits the findings that the statement reads.
    and a.run_id >= (select min(b.id) from hhrecon_run as b where b.started_at >= :from and b.started_at < :to)
    and a.run_id <= (select max(e.id) from hhrecon_run as e where e.started_at >= :from and e.started_at < :to)
), best as (
  select f.*, min(case when weak then 1 else 0 end) over (partition by project_id, payment_id) as unknown
  from f
), changed as (
  select best.*,
         case when lag(verdict) over payin = verdict then 0 else 1 end as change
  from best
  where unknown = 1 or not weak
  window payin as (partition by project_id, payment_id order by run_id)
), stretched as (
  select changed.*, sum(change) over (partition by project_id, payment_id order by run_id) as stretch
  from changed
), chosen as (
  select stretched.*, max(stretch) over (partition by project_id, payment_id) as last_stretch,
         row_number() over (
           partition by project_id, payment_id, stretch
           order by case when correction = 'none' then 1 else 0 end, case when correction = 'none' then run_id else -run_id end
         ) as nth
  from stretched
)
select outcome, currency, merchant_amount, initial_amount, old_amount, amount, provider_status, correction
from chosen as f
where stretch = last_stretch and nth = 1
  and not ((stretch = 1 or weak) and coalesce((
    select weak and o.outcome not in ('unreachable', 'unverifiable') or stretch = 1 and :same_verdict
    from hhrecon_finding as o
    join hhrecon_run as r on r.id = o.run_id
    where o.project_id = f.project_id and o.payment_id = f.payment_id and o.run_id < f.run_id
      and r.closed_at is not null and not r.dry_run and r.started_at < :from
    order by case when o.outcome in ('unreachable', 'unverifiable') then 1 else 0 end, o.run_id desc
    limit 1
  ), false))
