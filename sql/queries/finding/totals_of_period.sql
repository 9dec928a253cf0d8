-- Adds up the last words on each payin in the closed runs of a period by outcome and currency. Safe: it
-- only reads. It finds the last words in its own way, so that it checks the reports that are made of
-- single findings. The casts make a sum that no bigint can hold an error.
select outcome, currency,
       count(*) as count,
       cast(coalesce(sum(merchant_amount), 0) as bigint) as amount,
       count(*) filter (where compared) as compared,
       cast(coalesce(sum(merchant_amount) filter (where compared), 0) as bigint) as compared_amount,
       cast(coalesce(sum(initial_amount) filter (where compared), 0) as bigint) as initial_amount,
       cast(coalesce(sum(old_amount) filter (where compared), 0) as bigint) as old_amount,
       cast(coalesce(sum(paid) filter (where compared), 0) as bigint) as paid_amount,
       count(*) filter (where correction = 'applied') as applied,
       count(*) filter (where correction = 'superseded') as superseded,
       count(*) filter (where correction = 'held') as held,
       count(*) filter (where correction = 'dry_run') as dry_run,
       count(*) filter (where correction = 'refused') as refused
from (
  select f.outcome, f.currency, f.merchant_amount, f.initial_amount, f.old_amount, f.amount as paid, f.correction,
         f.amount is not null and f.provider_status not in ('decline', 'error') as compared,
         row_number() over (partition by f.project_id, f.payment_id order by f.run_id desc) as nth
  from hhrecon_finding as f
  join hhrecon_run as r on r.id = f.run_id
  where (cast(:project_id as text) = '' or r.project_id = :project_id)
    and r.closed_at is not null and not r.dry_run
    and r.started_at >= :from and r.started_at < :to
    -- Bounds the part of the findings that is read.
    and f.run_id >= (select min(b.id) from hhrecon_run as b where b.started_at >= :from and b.started_at < :to)
    and f.run_id <= (select max(e.id) from hhrecon_run as e where e.started_at >= :from and e.started_at < :to)
) as last
where nth = 1
group by outcome, currency
order by outcome, currency
