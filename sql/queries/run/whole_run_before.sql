-- Returns the project's last closed whole run before a run. A whole run selects all open payins.
-- The statement only reads, using the index hhrecon_run_whole.
select b.id
from hhrecon_run as b
join hhrecon_run as n on n.id = :run_id and n.project_id = b.project_id
where b.whole and not b.dry_run and b.closed_at is not null and b.id < n.id
order by b.id desc
limit 1
