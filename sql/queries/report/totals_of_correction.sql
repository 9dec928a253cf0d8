-- Adds up a correction's findings by outcome and currency, as totals_of_run.sql does those of a run. Safe: :differences only reads.
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
  from (:differences) as d
) as f
group by outcome, currency
order by outcome, currency
