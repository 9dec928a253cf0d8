-- Returns the findings of some runs at some positions. Safe: it only reads, using the primary key. The caller ignores
-- combinations that it did not ask for.
select f.*
from (
  :finding
) as f
where f.run_id in (:runs) and f.seq in (:seqs)
