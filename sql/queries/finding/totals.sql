-- Adds up findings by outcome and currency. The reports add up single findings in Go, and are checked against these
-- totals. Each sum is returned in two parts, billions and the remainder, so the sum cannot overflow.
-- The statement only reads, because :findings only reads.
select outcome, currency,
       count(*) as count,
       count(*) filter (where compared) as compared,
       cast(coalesce(sum(merchant_amount / 1000000000), 0) as text) || ' ' ||
       cast(coalesce(sum(merchant_amount % 1000000000), 0) as text) as amount,
       cast(coalesce(sum(merchant_amount / 1000000000) filter (where compared), 0) as text) || ' ' ||
       cast(coalesce(sum(merchant_amount % 1000000000) filter (where compared), 0) as text) as compared_amount,
       cast(coalesce(sum(initial_amount / 1000000000) filter (where compared), 0) as text) || ' ' ||
       cast(coalesce(sum(initial_amount % 1000000000) filter (where compared), 0) as text) as initial_amount,
       cast(coalesce(sum(old_amount / 1000000000) filter (where compared), 0) as text) || ' ' ||
       cast(coalesce(sum(old_amount % 1000000000) filter (where compared), 0) as text) as old_amount,
       cast(coalesce(sum(amount / 1000000000) filter (where compared), 0) as text) || ' ' ||
       cast(coalesce(sum(amount % 1000000000) filter (where compared), 0) as text) as paid_amount,
       count(*) filter (where correction = 'applied') as applied,
       count(*) filter (where correction = 'superseded') as superseded,
       count(*) filter (where correction = 'held') as held,
       count(*) filter (where correction = 'dry_run') as dry_run,
       cast(coalesce(sum(merchant_amount / 1000000000) filter (where correction = 'dry_run'), 0) as text) || ' ' ||
       cast(coalesce(sum(merchant_amount % 1000000000) filter (where correction = 'dry_run'), 0) as text) as dry_run_amount,
       count(*) filter (where correction = 'refused') as refused,
       count(*) filter (where correction = 'locked') as locked
from (
  select outcome, currency, merchant_amount, initial_amount, old_amount, amount, correction,
         amount is not null and provider_status not in ('decline', 'error') as compared
  from (:findings) as f
) as f
group by outcome, currency
order by outcome, currency
