-- Saves the classes of a batch's corrections that were written or held. For a held correction, the statement saves only
-- the held classes. Class 0 stands for all corrections of a run. The statement is safe because the caller holds the
-- lease on the run, and added the findings in this transaction.
insert into hhrecon_costly (
  run_id, seq, class, project_id, payment_id, currency, amount, day, written_at, state, hold_id
)
select f.run_id, f.seq, k.class, f.project_id, f.payment_id, f.currency,
       case k.class when 2 then abs(f.amount - f.merchant_amount) when 4 then f.amount else f.merchant_amount end,
       :day, :now, f.correction, case when f.correction = 'held' then k.hold end
from hhrecon_finding as f
join hhrecon_selection as s on s.run_id = f.run_id and s.seq = f.seq
join (
  select 1 as class, cast(:declines as bigint) as hold
  union all
  select 2, cast(:other_sums as bigint)
  union all
  select 4, cast(:late_credits as bigint)
  union all
  select 8, cast(:downgrades as bigint)
  union all
  select 0, cast(:run_id as bigint) where :all
) as k on s.classes & k.class <> 0 or k.class = 0
where f.run_id = :run_id and f.seq between :first and :last
  and (f.correction = 'applied' and k.class <> 0 or f.correction = 'held' and k.hold is not null)
