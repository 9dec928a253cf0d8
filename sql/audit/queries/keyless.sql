-- The audit logs that migrate adds an entry to: with keys, those whose last entry has none, or that are empty although there are
-- runs; and that about no project, if it is empty although there are users. Safe: it only reads.
select p.project_id
from (
  select project_id from hhrecon_chain
  union
  select project_id from hhrecon_run
  union
  select '' where exists (select 1 from hhrecon_user)
) as p
left join hhrecon_chain as c on c.project_id = p.project_id
where cast(:keys as integer) > 0 and c.key_id is null or p.project_id = '' and coalesce(c.chain_seq, 0) = 0
order by p.project_id
