-- The findings of a run that a plan is about. Safe: it only reads. It is a part of another statement.
select cast(:run_id as bigint) as run_id, p.seq
from (
  :plan
) as p
