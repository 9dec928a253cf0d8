-- Adds up the verdicts that a run has, those that have become findings and those that wait, and what has no verdict
-- yet. What a correction could change is counted apart: rows that were final already, and payins without an answer to
-- go by, would make harm look small. Sums come in thousand millions and the rest, so that none is too large. Of what is
-- left, only amounts above zero add to a sum. Safe: it only reads, in one snapshot, and a payin is in exactly one of
-- the two tables.
select count(*) filter (where v.outcome is not null and v.result not in ('unreachable', 'not_asked')) as answered,
       count(*) filter (where v.outcome not in ('unreachable', 'unverifiable', 'not_found') and v.status not in (:final)) as open,
       count(*) filter (where v.changes) as changes,
       count(*) filter (where v.harmful) as harmful,
       cast(coalesce(sum(v.amount / 1000000000) filter (where v.harmful), 0) as bigint) as harmful_high,
       cast(coalesce(sum(v.amount % 1000000000) filter (where v.harmful), 0) as bigint) as harmful_low,
       count(*) filter (where v.outcome is null) as "left",
       cast(coalesce(sum(v.amount / 1000000000) filter (where v.outcome is null and v.amount > 0), 0) as bigint) as left_high,
       cast(coalesce(sum(v.amount % 1000000000) filter (where v.outcome is null and v.amount > 0), 0) as bigint) as left_low
from (
  select outcome, result, status, outcome is not null and changes as changes, outcome is not null and harmful as harmful, amount
  from hhrecon_selection
  where run_id = :run_id
  union all
  select outcome, result, status_before, correction <> 'none', harmful, merchant_amount
  from hhrecon_finding
  where run_id = :run_id
) as v
