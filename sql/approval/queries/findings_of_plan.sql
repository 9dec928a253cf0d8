-- Returns the findings of a run that a plan covers. Safe: it only reads. Another statement includes this one.
select cast(:run_id as bigint) as run_id, p.seq
from (
  :plan
) as p
