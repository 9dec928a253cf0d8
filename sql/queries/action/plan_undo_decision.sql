-- Plans the undo of decisions about a range of a run's findings. The decisions are not undone yet. For each row it
-- returns the values after the decision and the values before the decision.
-- The statement only reads.
select a.seq, a.project_id, a.payment_id, g.merchant_amount as amount, a.currency, a.status_after as status, a.sub_status_after as sub_status,
       a.settled_amount_after as settled_amount, coalesce(a.updated_at_after, a.updated_at_before) as updated_at,
       a.status_before as status_after, a.sub_status_before as sub_status_after,
       a.settled_amount_before as settled_amount_after, a.updated_at_before as updated_at_after,
       a.result = 'applied' as changes, cast(null as text) as reason_code, cast(null as text) as reason_args
from hhrecon_action as a
join hhrecon_finding as g on g.run_id = a.run_id and g.seq = a.seq
where a.run_id = :run_id and a.seq between :first and :last and a.kind = 'decide' and a.result in ('none', 'applied')
  and (:all or a.payment_id in (:payment_ids))
  and a.chain_seq = (
    select max(l.chain_seq) from hhrecon_action as l
    where l.run_id = a.run_id and l.seq = a.seq and l.kind in ('decide', 'undo_decision') and l.result in ('none', 'applied')
  )
