-- Returns the findings of a run whose rows a plan would write.
-- The statement only reads. Another statement includes this statement.
select cast(:run_id as bigint) as run_id, p.seq
from (
  :plan
) as p
