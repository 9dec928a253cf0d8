-- Counts the payins that the merchant's query returns, to see how long it takes. Safe: it only reads. Counting whole rows
-- computes every column of each, as a run does.
select count(q) as payins, '' as fault
from (
  :payins
) as q
