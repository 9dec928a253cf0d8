-- Returns the findings of a corrected report. They are the findings of later runs that contradict the period
-- (save_amendment.sql). The latest findings of the newly included runs are also returned, if they differ from the
-- findings that the readers know (reported.sql) or if the readers know none. A missing answer does not replace an
-- answer, and an older finding does not replace a newer finding. The statement only reads, payin by payin, using the
-- index hhrecon_finding_payin. Other statements include this statement.
select f.*
from hhrecon_report as c
join hhrecon_report_run as own on own.report_id = c.id
join hhrecon_finding as f on f.run_id = own.run_id
where c.id = :correction
  and not exists (
    select 1
    from hhrecon_report_run as b
    join hhrecon_report as e on e.id = b.report_id
    where b.run_id = own.run_id and e.base_id = c.base_id and e.edition < c.edition
  )
  and not exists (
    select 1
    from hhrecon_report_late as n
    join hhrecon_finding as late on late.run_id = n.run_id and late.seq = n.seq
    where n.report_id = c.id and late.project_id = f.project_id and late.payment_id = f.payment_id
  )
  and not exists (
    select 1
    from hhrecon_finding as later
    join hhrecon_report_run as l on l.run_id = later.run_id and l.report_id = c.id
    where later.project_id = f.project_id and later.payment_id = f.payment_id and later.run_id > f.run_id
  )
  and not coalesce((
    select f.outcome in ('unreachable', 'unverifiable') and known.outcome not in ('unreachable', 'unverifiable')
      or f.run_id < known.run_id and (
        f.outcome in ('unreachable', 'unverifiable') or known.outcome not in ('unreachable', 'unverifiable')
      )
      or f.outcome = known.outcome and f.causes = known.causes
        and f.merchant_amount = known.merchant_amount
        and f.initial_amount is not distinct from known.initial_amount
        and f.old_amount is not distinct from known.old_amount
        and f.amount is not distinct from known.amount
        and f.currency = known.currency
        and f.provider_status is not distinct from known.provider_status
        and f.provider_sub_status is not distinct from known.provider_sub_status
        and f.status_after = known.status_after
        and f.sub_status_after is not distinct from known.sub_status_after
        and f.settled_amount_after is not distinct from known.settled_amount_after
    from (:reported) as known
  ), false)
union all
select f.*
from hhrecon_report_late as n
join hhrecon_finding as f on f.run_id = n.run_id and f.seq = n.seq
where n.report_id = :correction
