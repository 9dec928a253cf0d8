-- Returns the answers of HighHelp on which people's decisions are based, latest last, for payins in a part of a run's
-- selection. The payins' rows are open and have not changed since the decision.
-- The statement only reads, using the index hhrecon_action_decision.
select s.seq, coalesce(g.provider_status, '') as provider_status, coalesce(g.provider_sub_status, '') as provider_sub_status,
       coalesce(g.amount, 0) as paid_amount, coalesce(g.old_amount, 0) as old_amount,
       coalesce(g.initial_amount, 0) as initial_amount, g.currency
from hhrecon_selection as s
join hhrecon_action as a on a.project_id = s.project_id and a.payment_id = s.payment_id and a.kind = 'decide'
join hhrecon_finding as g on g.run_id = a.run_id and g.seq = a.seq
where s.run_id = :run_id and s.seq between :first and :last and s.query = 'open_payins.sql'
  and (a.result = 'applied' or a.result = 'none' and a.acted_at > :kept_since)
  and s.status = a.status_after and coalesce(s.sub_status, '') = coalesce(a.sub_status_after, '')
  and coalesce(s.settled_amount, 0) = coalesce(a.settled_amount_after, 0)
  and s.amount = g.merchant_amount and s.currency = g.currency
  and not exists (
    select 1 from hhrecon_action as u
    where u.run_id = a.run_id and u.seq = a.seq and u.chain_seq > a.chain_seq
      and u.kind = 'undo_decision' and u.result in ('none', 'applied')
  )
  and not exists (
    select 1 from hhrecon_finding as h
    where h.project_id = g.project_id and h.payment_id = g.payment_id and h.run_id > g.run_id
      and (
        h.status_before <> a.status_after or coalesce(h.sub_status_before, '') <> coalesce(a.sub_status_after, '')
        or coalesce(h.settled_amount_before, 0) <> coalesce(a.settled_amount_after, 0)
        or h.merchant_amount <> g.merchant_amount or h.currency <> g.currency
      )
  )
order by a.chain_seq
