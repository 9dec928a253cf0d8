-- Returns the sums of the findings in :candidates, by currency.
-- The statement only reads.
select f.currency,
       cast(sum(case when coalesce(f.amount, 0) > f.merchant_amount then f.amount else f.merchant_amount end / 1000000000) as text)
         || ' ' ||
       cast(sum(case when coalesce(f.amount, 0) > f.merchant_amount then f.amount else f.merchant_amount end % 1000000000) as text)
         as sum
from (
  :candidates
) as c
join hhrecon_finding as f on f.run_id = c.run_id and f.seq = c.seq
group by f.currency
