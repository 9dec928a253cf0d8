-- Returns the findings of some runs at some positions. The caller ignores pairs of run and position that it did not
-- request.
-- The statement only reads, using the primary key.
select f.*
from (
  :finding
) as f
where f.run_id in (:runs) and f.seq in (:seqs)
