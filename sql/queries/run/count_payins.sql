-- Counts the payins that the merchant's query returns, to see how long it takes. Safe: it only reads.
select count(*)
from (
  :payins
) as q
