-- The closed runs that started in a period, oldest first; dry runs change nothing and are no last word.
-- Safe: it only reads.
select id
from hhrecon_run
where (cast(:project_id as text) = '' or project_id = :project_id)
  and state in ('complete', 'held') and not dry_run
  and started_at >= :from and started_at < :to
order by id
