-- Returns the next page of the findings of a corrected report. With each finding the statement returns the earlier
-- finding that the report's readers know. If the readers know no finding, the earlier finding has run 0. The included
-- statements :differences and :reported only read, payin by payin.
select f.project_id, f.payment_id,
       f.run_id as is_run_id, f.currency as is_currency, f.merchant_amount as is_amount, f.outcome as is_outcome,
       coalesce(f.amount, 0) as is_paid_amount, coalesce(f.settled_amount_after, 0) as is_settled_amount,
       coalesce(was.run_id, 0) as was_run_id, coalesce(was.currency, '') as was_currency,
       coalesce(was.merchant_amount, 0) as was_amount, coalesce(was.outcome, '') as was_outcome,
       coalesce(was.amount, 0) as was_paid_amount, coalesce(was.settled_amount_after, 0) as was_settled_amount
from (:differences) as f
cross join hhrecon_report as c
left join hhrecon_finding as was on was.project_id = f.project_id and was.payment_id = f.payment_id
  and was.run_id = (select run_id from (:reported) as best)
where c.id = :correction and f.run_id = :run_id and f.seq between :first and :last
order by f.seq
