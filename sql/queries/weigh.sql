-- Adds up the verdicts of a whole run, those that have become findings and those that wait. What a
-- correction could change is counted apart: rows that were final already, and payins without an answer to
-- go by, would make harm look small. Safe: it only reads, in one snapshot, and a verdict is in exactly one of
-- the two tables.
select count(*) filter (where v.outcome <> 'unreachable') as answered,
       count(*) filter (where v.outcome not in ('unreachable', 'unverifiable', 'not_found') and v.status not in (:final)) as open,
       count(*) filter (where v.changes) as changes,
       count(*) filter (where v.harmful) as harmful,
       cast(coalesce(sum(v.amount) filter (where v.harmful), 0) as bigint) as harmful_sum
from (
  select outcome, status, changes, harmful, amount
  from hhrecon_selection
  where run_id = :run_id and outcome is not null
  union all
  select outcome, status_before, correction <> 'none', harmful, merchant_amount
  from hhrecon_finding
  where run_id = :run_id
) as v
