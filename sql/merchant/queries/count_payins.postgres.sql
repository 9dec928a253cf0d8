-- Counts the payins that the merchant's query returns, to measure its duration. Safe: it only reads. count(q) counts
-- whole rows, so all columns are computed as in a run.
select count(q) as payins, '' as fault
from (
  :payins
) as q
