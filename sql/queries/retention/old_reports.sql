-- Returns the reports that can be deleted, with all their corrections. Either one version is about a run whose deletion
-- has begun, or all versions are old, were sent, and do not refer to a run that is kept.
-- The statement only reads. Other statements include this statement.
select b.id
from hhrecon_report as b
where b.edition = 0 and b.project_id in (:project_id, '')
  and (
    exists (
      select 1 from hhrecon_report as e join hhrecon_run as r on r.id = e.run_id
      where e.base_id = b.id and r.project_id = :project_id and r.thinned_at is not null
    )
    or not exists (select 1 from hhrecon_report as e where e.base_id = b.id and e.made_at >= :before)
      and not exists (
        select 1 from hhrecon_report as e join hhrecon_delivery as d on d.report_id = e.id
        where e.base_id = b.id and d.state in ('waiting', 'sending')
      )
      and not exists (
        select 1 from hhrecon_report as e
        join hhrecon_report_run as c on c.report_id = e.id
        join hhrecon_run as r on r.id = c.run_id
        where e.base_id = b.id and r.thinned_at is null
      )
      and not exists (
        select 1 from hhrecon_report as e
        join hhrecon_report_late as n on n.report_id = e.id
        join hhrecon_run as r on r.id = n.run_id
        where e.base_id = b.id and r.thinned_at is null
      )
      and not exists (
        select 1 from hhrecon_report as e join hhrecon_run as r on r.id = e.run_id
        where e.base_id = b.id and r.thinned_at is null
      )
  )
