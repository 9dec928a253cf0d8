-- Returns the projects whose audit log was pruned by a version that did not record prunings.
-- The statement only reads.
select a.project_id
from hhrecon_anchor as a
where a.chain_seq > 0 and not exists (
  select 1 from hhrecon_action as e where e.project_id = a.project_id and e.kind in ('begin', 'prune')
)
