-- The months in UTC in which runs started, oldest first, each with the first run from which on all are of that month or later.
-- Safe: it only reads.
select to_char(m.month, 'YYYY_MM') as month, min(m.first) over (order by m.month desc) as first
from (
  select date_trunc('month', r.started_at at time zone 'UTC') as month, min(r.id) as first
  from hhrecon_run as r
  group by 1
) as m
order by m.month
