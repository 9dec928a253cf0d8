-- Adds up a run's findings by outcome and currency. Safe: it only reads. It counts in its own way what
-- was compared, so that it checks the reports that are made of single findings. The casts make a sum
-- that no bigint can hold an error.
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
  select outcome, currency, merchant_amount, initial_amount, old_amount, amount as paid, correction,
         amount is not null and provider_status not in ('decline', 'error') as compared
  from hhrecon_finding
  where run_id = :run_id
) as f
group by outcome, currency
order by outcome, currency
