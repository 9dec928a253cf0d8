-- Returns the findings of a run that a plan covers. Safe: it only reads. It is part of another statement.
select cast(:run_id as bigint) as run_id, p.seq
from (
  :plan
) as p
