-- The last words on each payin in the closed runs of a period, as totals.sql adds them up. Safe: it only reads. It finds the
-- last words in its own way, so that it checks the reports that are made of single findings.
select outcome, currency, merchant_amount, initial_amount, old_amount, amount, provider_status, correction
from (
  select f.*,
         row_number() over (partition by f.project_id, f.payment_id order by f.run_id desc) as nth
  from hhrecon_finding as f
  join hhrecon_run as r on r.id = f.run_id
  where (cast(:project_id as text) = '' or r.project_id = :project_id)
    and r.closed_at is not null and not r.dry_run
    and r.started_at >= :from and r.started_at < :to
    -- Bounds the part of the findings that is read.
    and f.run_id >= (select min(b.id) from hhrecon_run as b where b.started_at >= :from and b.started_at < :to)
    and f.run_id <= (select max(e.id) from hhrecon_run as e where e.started_at >= :from and e.started_at < :to)
) as last
where nth = 1
