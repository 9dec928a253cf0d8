-- This condition is true if a period counts a payin by its finding f. A period counts a payin once, if one of its runs
-- was the first with the verdict that is valid at the period's end. A missing or untrusted answer is not a verdict if
-- the payin also has a verdict. Several findings may have the valid verdict. In this case the period counts the last
-- of these findings with a correction, or the first of these findings if none has a correction.
-- The statement only reads, payin by payin, using the index hhrecon_finding_payin. Other statements include this
-- statement.
not exists (
    select 1
    from hhrecon_finding as o
    join hhrecon_run as r on r.id = o.run_id
    where o.project_id = f.project_id and o.payment_id = f.payment_id and o.run_id > f.run_id
      and r.closed_at is not null and not r.dry_run and r.started_at >= :from and r.started_at < :to
      and (o.outcome not in ('unreachable', 'unverifiable') or f.outcome in ('unreachable', 'unverifiable'))
      and (o.correction <> 'none' or not (:same_verdict))
  )
  and not (f.outcome in ('unreachable', 'unverifiable') and exists (
    select 1
    from hhrecon_finding as o
    join hhrecon_run as r on r.id = o.run_id
    where o.project_id = f.project_id and o.payment_id = f.payment_id and o.run_id < f.run_id
      and r.closed_at is not null and not r.dry_run and o.outcome not in ('unreachable', 'unverifiable')
  ))
  and not coalesce((
    select :same_verdict and (f.correction = 'none' or r.started_at < :from or coalesce((
      select :same_verdict
      from hhrecon_finding as o
      join hhrecon_run as r on r.id = o.run_id
      where o.project_id = f.project_id and o.payment_id = f.payment_id and o.run_id < f.run_id
        and r.closed_at is not null and not r.dry_run and r.started_at < :from
        and o.outcome not in ('unreachable', 'unverifiable')
      order by o.run_id desc
      limit 1
    ), false) and not exists (
      select 1
      from hhrecon_finding as o
      join hhrecon_run as r on r.id = o.run_id
      where o.project_id = f.project_id and o.payment_id = f.payment_id and o.run_id < f.run_id
        and r.closed_at is not null and not r.dry_run and r.started_at >= :from
        and o.outcome not in ('unreachable', 'unverifiable') and not (:same_verdict)
    ))
    from hhrecon_finding as o
    join hhrecon_run as r on r.id = o.run_id
    where o.project_id = f.project_id and o.payment_id = f.payment_id and o.run_id < f.run_id
      and r.closed_at is not null and not r.dry_run
      and (o.outcome not in ('unreachable', 'unverifiable') or f.outcome in ('unreachable', 'unverifiable'))
    order by o.run_id desc
    limit 1
  ), false)
