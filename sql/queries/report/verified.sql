-- Counts the successes that were written into the merchant's table in a period. It also counts the successes that
-- HighHelp confirmed in any run, and the successes that no run queried. If a row has no updated_at, or a version of the
-- row (xmin) in its place, created_at counts.
-- The statement only reads the period's rows, and findings using the index hhrecon_finding_payin.
select count(*) as successes,
       count(case when s.answer = 2 then 1 end) as confirmed,
       count(case when s.answer is null then 1 end) as never_asked
from (
  select (
           select max(case when f.provider_status = 'success' and f.outcome <> 'unverifiable' then 2
                           when f.result <> 'not_asked' then 1 end)
           from hhrecon_finding as f
           where f.project_id = :project_id and f.payment_id = p.payment_id
         ) as answer
  from (
    :final_payins
  ) as p
  where p.updated_at >= :from and p.updated_at < :to
    or (p.updated_at is null or p.updated_at < :from) and p.created_at >= :from and p.created_at < :to
) as s
