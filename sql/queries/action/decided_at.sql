-- Returns the time of a person's decision about a finding f (finding.sql), if the decision is valid. The decision was
-- made on this finding, or in an earlier run on the same answer of HighHelp. In the second case, every run since then
-- found the row unchanged. A decision that wrote to the row does not expire, and the result is :forever.
-- The statement only reads, using the index hhrecon_action_decision.
select max(case when a.result = 'applied' then :forever else a.acted_at end)
from hhrecon_action as a
join hhrecon_finding as g on g.run_id = a.run_id and g.seq = a.seq
where a.project_id = f.project_id and a.payment_id = f.payment_id and a.kind = 'decide' and a.result in ('none', 'applied')
  and not exists (
    select 1 from hhrecon_action as u
    where u.run_id = a.run_id and u.seq = a.seq and u.chain_seq > a.chain_seq
      and u.kind = 'undo_decision' and u.result in ('none', 'applied')
  )
  and (
    a.run_id = f.run_id
    or a.run_id < f.run_id
      and coalesce(g.provider_status, '') = f.provider_status and coalesce(g.provider_sub_status, '') = f.provider_sub_status
      and coalesce(g.amount, 0) = f.paid_amount and coalesce(g.old_amount, 0) = f.old_amount
      and coalesce(g.initial_amount, 0) = f.initial_amount and g.currency = f.currency
      and not exists (
        select 1 from hhrecon_finding as h
        where h.project_id = f.project_id and h.payment_id = f.payment_id and h.run_id > g.run_id and h.run_id <= f.run_id
          and (
            h.status_before <> a.status_after or coalesce(h.sub_status_before, '') <> coalesce(a.sub_status_after, '')
            or coalesce(h.settled_amount_before, 0) <> coalesce(a.settled_amount_after, 0)
            or h.merchant_amount <> g.merchant_amount or h.currency <> g.currency
          )
      )
  )
