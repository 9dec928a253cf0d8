-- Returns the first entry with a wrong position or project. A correct position is between the checkpoint and the head.
-- A correct project is the project of the entry's run.
-- The statement only reads.
select s.entry, s.run_id, s.seq, s.payment_id
from (
  select 'finding' as entry, f.run_id, f.seq, f.payment_id, f.chain_seq
  from hhrecon_finding as f
  left join hhrecon_run as r on r.id = f.run_id
  where (f.project_id = :project_id or r.project_id = :project_id)
    and (f.project_id <> r.project_id or r.id is null or f.chain_seq is null or f.chain_seq <= :checkpoint or f.chain_seq > :head)
  union all
  select 'action', coalesce(a.run_id, 0), a.seq, a.payment_id, a.chain_seq
  from hhrecon_action as a
  left join hhrecon_run as r on r.id = a.run_id
  where (a.project_id = :project_id or r.project_id = :project_id)
    and (a.project_id <> r.project_id or r.id is null and a.run_id is not null or a.chain_seq is null or a.chain_seq <= :checkpoint or a.chain_seq > :head)
) as s
order by s.chain_seq, s.run_id, s.seq
limit 1
