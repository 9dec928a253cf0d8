-- The findings of some runs with some places in them. Safe: it only reads, by the primary key; of what it returns
-- beside those that were meant, the caller takes nothing.
select f.*
from (
  :finding
) as f
where f.run_id in (:runs) and f.seq in (:seqs)
