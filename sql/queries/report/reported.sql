-- Returns the finding about a payin that readers know from the report versions before the corrected report c. The payin
-- is the payin of a finding f. The result is one of the versions' latest findings. A finding with a trusted answer is
-- preferred to a finding without a trusted answer, and a later run is preferred to an earlier run. The statement
-- only reads, payin by payin, using the index hhrecon_finding_payin. Other statements include this statement.
select known.*
from hhrecon_finding as known
join hhrecon_report as e on e.base_id = c.base_id and e.edition < c.edition
where known.project_id = f.project_id and known.payment_id = f.payment_id
  and (
    exists (select 1 from hhrecon_report_late as n where n.run_id = known.run_id and n.seq = known.seq and n.report_id = e.id)
    or exists (select 1 from hhrecon_report_run as t where t.report_id = e.id and t.run_id = known.run_id)
      and not exists (
        select 1
        from hhrecon_finding as later
        join hhrecon_report_run as l on l.run_id = later.run_id and l.report_id = e.id
        where later.project_id = known.project_id and later.payment_id = known.payment_id and later.run_id > known.run_id
      )
  )
order by known.outcome in ('unreachable', 'unverifiable'), known.run_id desc
limit 1
