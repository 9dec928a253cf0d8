-- Plans a decision about a finding. The statement returns the values that the finding or the last action left in
-- the row, and the values that a person chose. Columns that the person does not change keep their exact value,
-- including null or empty.
-- The statement only reads.
select x.seq, x.project_id, x.payment_id, x.amount, x.currency, x.status, x.sub_status, x.settled_amount, x.updated_at,
       case when :keep then x.status else cast(:status_after as text) end as status_after,
       case when :keep or cast(:sub_status_after as text) = coalesce(x.sub_status, '') then x.sub_status
         else nullif(cast(:sub_status_after as text), '') end as sub_status_after,
       case when :keep or cast(:settled_amount_after as bigint) = coalesce(x.settled_amount, 0) then x.settled_amount
         else nullif(cast(:settled_amount_after as bigint), 0) end as settled_amount_after,
       cast(null as timestamptz) as updated_at_after,
       not :keep and :same and (cast(:status_after as text) <> x.status or cast(:sub_status_after as text) <> coalesce(x.sub_status, '')
         or cast(:settled_amount_after as bigint) <> coalesce(x.settled_amount, 0)) as changes,
       cast(null as text) as reason_code, cast(null as text) as reason_args
from (
  select f.seq, f.project_id, f.payment_id, f.merchant_amount as amount, f.currency,
         case when a.seq is not null then a.status_after
           when f.correction = 'applied' then f.status_after else f.status_before end as status,
         case when a.seq is not null then a.sub_status_after
           when f.correction = 'applied' then f.sub_status_after else f.sub_status_before end as sub_status,
         case when a.seq is not null then a.settled_amount_after
           when f.correction = 'applied' then f.settled_amount_after else f.settled_amount_before end as settled_amount,
         case when a.seq is not null then a.updated_at_after
           when f.correction = 'applied' then f.corrected_at else f.updated_at end as updated_at
  from hhrecon_finding as f
  left join hhrecon_action as a on a.run_id = f.run_id and a.seq = f.seq and a.chain_seq = (
    select max(l.chain_seq) from hhrecon_action as l
    where l.run_id = f.run_id and l.seq = f.seq and l.result = 'applied'
  )
  where f.run_id = :run_id and f.seq = :seq
) as x
