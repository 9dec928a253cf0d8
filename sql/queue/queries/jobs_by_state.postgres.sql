-- Counts River's jobs by queue and state.
-- The statement only reads.
select queue, cast(state as text) as state, count(*) as count
from river_job
group by queue, state
