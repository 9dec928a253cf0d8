-- Returns the audit logs to which migrate adds an entry. If :keys is not 0, these are logs whose last entry has no key,
-- and empty logs of projects that have runs. The log without a project is also returned if that log is empty although
-- users exist.
-- The statement only reads.
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
