-- Counts a run's verdicts since a time, including verdicts that became findings, and returns the times of the first and
-- the last verdict.
-- The statement only reads.
select count(*) as judged, min(checked_at) as first_at, max(checked_at) as last_at
from (
  select checked_at from hhrecon_selection where run_id = :run_id and outcome is not null and checked_at >= :since
  union all
  select checked_at from hhrecon_finding where run_id = :run_id and checked_at >= :since
) as recent
