-- Returns the time of a person's decision about a finding, if the decision is valid.
-- The statement only reads, and the caller has locked the run.
select (
  :decided_at
) as decided_at
from (
  :finding
) as f
where f.run_id = :run_id and f.seq = :seq
