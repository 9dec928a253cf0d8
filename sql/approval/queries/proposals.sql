-- Returns the proposals of one project or all projects since a time, or one proposal, oldest first. The boolean
-- columns say what happened after the proposal. The column decided is true if a decision was made or undone. The
-- column undone is true if an action was undone. The column judged is true if a later run judged the payin. The
-- column held is true if a person has neither released nor discarded the run's hold. The column taken is true if
-- another person became the author of the proposal. The column facts of that action contains the proposal's ID. This
-- column is compact JSON, so a search for the ID cannot match inside a text. The statement only reads, using the
-- indexes hhrecon_action_recent and hhrecon_action_finding.
select a.chain_seq as id, a.kind, a.project_id, a.run_id, a.seq, a.payment_id, a.currency,
       coalesce(a.status_after, '') as after_status, coalesce(a.sub_status_after, '') as after_sub_status,
       coalesce(a.settled_amount_after, 0) as after_settled_amount, a.who as "by", a.note, a.acted_at as at, a.facts,
       exists (
         select 1 from hhrecon_action as u
         where u.run_id = a.run_id and (a.seq = 0 or u.seq = a.seq) and u.chain_seq > a.chain_seq
           and u.kind in ('decide', 'undo_decision')
       ) as decided,
       exists (
         select 1 from hhrecon_action as u
         where u.run_id = a.run_id and (a.seq = 0 or u.seq = a.seq) and u.chain_seq > a.chain_seq and u.kind = 'undo'
       ) as undone,
       exists (
         select 1 from hhrecon_finding as f
         join hhrecon_run as r on r.id = f.run_id
         where f.project_id = a.project_id and f.payment_id = a.payment_id and f.run_id > a.run_id
           and r.closed_at is not null and not r.dry_run
       ) as judged,
       exists (select 1 from hhrecon_costly as h where h.hold_id = a.run_id and h.state = 'held') as held,
       exists (
         select 1 from hhrecon_action as u
         where u.run_id = a.run_id and u.seq = a.seq and u.chain_seq > a.chain_seq and u.kind = 'propose'
           and u.facts like '%"proposal"_' || cast(a.chain_seq as text) || ',%'
       ) as taken
from hhrecon_action as a
where a.project_id in (
    select c.project_id from hhrecon_chain as c where cast(:project_id as text) = '' or c.project_id = :project_id
  )
  and a.kind = 'propose' and a.result = 'none'
  and a.acted_at > :since and (cast(:id as bigint) = 0 or a.chain_seq = :id)
order by a.chain_seq
