-- Adds up a run's verdicts, including verdicts that became findings, and counts the payins without a verdict. The
-- column "open" counts the payins that a correction could change, because the row is not final and the answer can be
-- trusted. The column "factor" is 10, 100 or 1000 if all amounts of HighHelp that differ are this multiple of the
-- merchant's amounts. The factor is negative if all these amounts are this fraction of the merchant's amounts.
-- The statement only reads, in one snapshot, and each payin is in exactly one of the two tables.
select count(*) filter (where v.outcome is not null and v.result not in ('unreachable', 'not_asked')) as answered,
       count(*) filter (where v.outcome not in ('unreachable', 'unverifiable', 'not_found')) as trusted,
       count(*) filter (where v.outcome not in ('unreachable', 'unverifiable', 'not_found') and v.status not in (:final)) as open,
       count(*) filter (where v.changes) as changes,
       count(*) filter (where v.harmful) as harmful,
       count(*) filter (where v.outcome is null) as "left",
       count(v.factor) as differences,
       case when min(v.factor) = max(v.factor) then min(v.factor) else 0 end as factor
from (
  select u.outcome, u.result, u.status, u.changes, u.harmful,
         case
           when u.amount = u.paid or u.amount not between 1 and 10000000000000 then null
           when u.paid = u.amount * 10 then 10
           when u.paid = u.amount * 100 then 100
           when u.paid = u.amount * 1000 then 1000
           when u.paid * 10 = u.amount then -10
           when u.paid * 100 = u.amount then -100
           when u.paid * 1000 = u.amount then -1000
           when u.paid <> u.amount then 0
         end as factor
  from (
    select outcome, result, status, outcome is not null and changes as changes, outcome is not null and harmful as harmful, amount,
           case when provider_status not in ('decline', 'error') then paid_amount end as paid
    from hhrecon_selection
    where run_id = :run_id
    union all
    select outcome, result, status_before, correction <> 'none', harmful, merchant_amount,
           case when provider_status not in ('decline', 'error') then amount end
    from hhrecon_finding
    where run_id = :run_id
  ) as u
) as v
