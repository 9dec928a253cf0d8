-- Returns a text that changes whenever the result of count_runs.sql can change. A run that reaches its final state
-- leaves the few runs that have not ended, and only new runs join them. Only the oldest runs are deleted.
-- The statement only reads, using the primary key and the index hhrecon_run_unended.
select cast(coalesce((select min(id) from hhrecon_run), 0) as text) || ' ' ||
       cast(coalesce((select max(id) from hhrecon_run), 0) as text) || ' ' ||
       cast(count(*) filter (where state = 'running') as text) || ' ' ||
       cast(count(*) filter (where state = 'interrupted') as text) || ' ' ||
       cast(count(*) filter (where state = 'held') as text)
from hhrecon_run
where state in ('running', 'interrupted', 'held')
