-- Makes findings of a batch of verdicts. Safe: the verdicts are copied inside the database, in the
-- transaction that corrects the rows and takes the payins out of the selection. The payins whose rows
-- were not written are named, because they are few. The branch that is never taken tells PostgreSQL
-- the column's type.
insert into hhrecon_finding (
  run_id, seq, project_id, payment_id, outcome, causes, merchant_amount, initial_amount, old_amount,
  amount, currency, status_before, sub_status_before, settled_amount_before, lifetime, created_at,
  updated_at, provider_status, provider_sub_status, request_id, expires_at, status_after,
  sub_status_after, settled_amount_after, correction, corrected_at, harmful, result, answer, reason,
  checked_at
)
select v.run_id, v.seq, v.project_id, v.payment_id, v.outcome, v.causes, v.amount, v.initial_amount,
       v.old_amount, v.paid_amount, v.currency, v.status, v.sub_status, v.settled_amount, v.lifetime,
       v.created_at, v.updated_at, v.provider_status, v.provider_sub_status, v.request_id,
       v.expires_at, v.status_after, v.sub_status_after, v.settled_amount_after,
       v.correction, case when v.correction = 'applied' then :now when 1 = 0 then v.checked_at end,
       v.harmful, v.result, v.answer, v.reason, v.checked_at
from (
  select s.*, case
      when not s.changes then 'none'
      when s.seq in (:superseded) then 'superseded'
      when s.seq in (:refused) then 'refused'
      else :mode
    end as correction
  from hhrecon_selection as s
  where s.run_id = :run_id and s.seq between :first and :last and s.outcome is not null
) as v
