-- The condition is true if two findings f and o of a payin have the same verdict on the same answer.
-- The statement only reads. Other statements include this statement.
f.outcome = o.outcome and f.currency = o.currency
  and f.provider_status is not distinct from o.provider_status
  and f.provider_sub_status is not distinct from o.provider_sub_status
  and f.amount is not distinct from o.amount and f.old_amount is not distinct from o.old_amount
  and f.initial_amount is not distinct from o.initial_amount
