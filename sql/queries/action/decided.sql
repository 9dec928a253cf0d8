-- Tells whether a person's ruling stands for a finding. Safe: it only reads; the caller has locked the run.
select count(*) > 0
from (
  :finding
) as f
where f.run_id = :run_id and f.seq = :seq
  and exists (
    :rulings
  )
