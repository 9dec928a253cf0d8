-- Saves the findings of later runs that contradict a period's report. They are the latest trusted findings of payins
-- whose reported finding (reported.sql) differs. Another outcome or another amount contradicts a reported verdict. For
-- a payin reported as open (pending, disputed, or without a trusted answer), only a different HighHelp amount is a
-- contradiction. A later final status is not a contradiction. The statement is safe because the corrected report was
-- created in this transaction, under the lock of its base report. It reads payin by payin, using the index
-- hhrecon_finding_payin. The cross joins prevent SQLite from reading all findings first.
insert into hhrecon_report_late (report_id, run_id, seq)
select c.id, f.run_id, f.seq
from hhrecon_report as c
cross join hhrecon_run as r
cross join hhrecon_finding as f
where c.id = :correction
  and r.started_at >= c.window_to and r.started_at >= :from and r.started_at < :to
  and (c.project_id = '' or r.project_id = c.project_id) and r.closed_at is not null and not r.dry_run
  and f.run_id = r.id and f.outcome not in ('unreachable', 'unverifiable')
  and coalesce((
    select f.run_id > known.run_id and (
      known.outcome not in ('pending', 'disputed', 'not_found', 'unreachable', 'unverifiable')
        and (f.outcome <> known.outcome or f.merchant_amount <> known.merchant_amount or f.currency <> known.currency)
      or f.provider_status not in ('decline', 'error') and known.provider_status not in ('decline', 'error')
        and (f.initial_amount <> known.initial_amount or f.old_amount <> known.old_amount or f.amount <> known.amount)
    )
    from (:reported) as known
    where not exists ( -- a verdict that an earlier period counts is corrected in that period's report
      select 1
      from hhrecon_finding as o
      join hhrecon_run as b on b.id = o.run_id
      where o.project_id = known.project_id and o.payment_id = known.payment_id and o.run_id < known.run_id
        and b.started_at < c.window_from and b.closed_at is not null and not b.dry_run
        and o.outcome = known.outcome and o.provider_status is not distinct from known.provider_status
        and o.amount is not distinct from known.amount and o.old_amount is not distinct from known.old_amount
    )
  ), false)
  and not exists (
    select 1
    from hhrecon_finding as later
    join hhrecon_run as lr on lr.id = later.run_id
    where later.project_id = f.project_id and later.payment_id = f.payment_id and later.run_id > f.run_id
      and later.outcome not in ('unreachable', 'unverifiable')
      and lr.started_at >= :from and lr.started_at < :to and lr.closed_at is not null and not lr.dry_run
  )
