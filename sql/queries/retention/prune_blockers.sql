-- Returns the older runs that are still needed, and the reason in the column kind. It also returns the first run that
-- is not older than :before, with an empty kind. Other statements find the runs that wait for a person's decision or
-- for HighHelp's support.
-- The statement only reads.
select h.run_id, min(h.kind) as kind, max(h.number) as number
from (
  select min(r.id) as run_id, '' as kind, 0 as number
  from hhrecon_run as r
  where r.project_id = :project_id and r.closed_at >= :before
  union all
  select r.id, 'unfinished', 0
  from hhrecon_run as r
  where r.project_id = :project_id and r.state in ('running', 'interrupted')
  union all
  select r.id, 'held', 0
  from hhrecon_run as r
  where r.project_id = :project_id and r.state = 'held'
  union all
  select r.id, 'unsent_report', 0
  from hhrecon_run as r
  where r.project_id = :project_id and r.announce
  union all
  select w.id, 'last_run', 0
  from (
    select r.id from hhrecon_run as r
    where r.project_id = :project_id and r.whole and not r.dry_run and r.closed_at is not null
    order by r.id desc
    limit 1
  ) as w
  union all
  select a.run_id, 'recent_action', 0
  from hhrecon_action as a
  where a.project_id = :project_id and a.acted_at >= :before and a.kind not in ('begin', 'stop')
  union all
  select c.run_id, 'unsent_letter', 0
  from hhrecon_delivery as d
  join hhrecon_report_run as c on c.report_id = d.report_id
  where d.state in ('waiting', 'sending')
  union all
  select n.run_id, 'unsent_letter', 0
  from hhrecon_delivery as d
  join hhrecon_report_late as n on n.report_id = d.report_id
  where d.state in ('waiting', 'sending')
  union all
  select c.run_id, 'newer_report', b.base_id
  from hhrecon_report as e
  join hhrecon_report as b on b.base_id = e.base_id
  join hhrecon_report_run as c on c.report_id = b.id
  where e.made_at >= :before
  union all
  select n.run_id, 'newer_report', b.base_id
  from hhrecon_report as e
  join hhrecon_report as b on b.base_id = e.base_id
  join hhrecon_report_late as n on n.report_id = b.id
  where e.made_at >= :before
  union all
  select b.run_id, 'newer_report', b.base_id
  from hhrecon_report as e
  join hhrecon_report as b on b.base_id = e.base_id
  where e.made_at >= :before and b.run_id is not null
) as h
join hhrecon_run as r on r.id = h.run_id
where r.project_id = :project_id and r.thinned_at is null and (r.closed_at is null or r.closed_at < :before or h.kind = '')
group by h.run_id
order by h.run_id
