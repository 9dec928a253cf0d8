-- Counts the payins that the merchant's query returns, to measure the query's duration.
-- The statement only reads. count(q) counts whole rows, so PostgreSQL computes all columns as in a run.
select count(q) as payins, '' as fault
from (
  :payins
) as q
