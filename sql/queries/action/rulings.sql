-- A person's rulings that stand for a finding f of finding.sql: on this very finding, or one that was written into the
-- row on the same answer of HighHelp's in another run. Safe: it only reads.
select 1
from hhrecon_finding as g
join hhrecon_action as a on a.run_id = g.run_id and a.seq = g.seq and a.kind = 'decide'
where g.project_id = f.project_id and g.payment_id = f.payment_id
  and (
    a.run_id = f.run_id and a.seq = f.seq and a.result in ('none', 'applied')
    or a.result = 'applied'
      and coalesce(g.provider_status, '') = coalesce(f.provider_status, '')
      and coalesce(g.provider_sub_status, '') = coalesce(f.provider_sub_status, '')
      and coalesce(g.amount, 0) = coalesce(f.paid_amount, 0)
  )
