-- Counts the payins that the merchant's query returns, to measure the query's duration. It also finds values that a run
-- cannot read.
-- The statement only reads.
select count(*) as payins, coalesce(min(case
    when q.created_at not glob :time then 'payin "' || q.payment_id || '": created_at is not written as 2006-01-02T15:04:05.000000Z'
    when q.updated_at not glob :time then 'payin "' || q.payment_id || '": updated_at is not written as 2006-01-02T15:04:05.000000Z'
    when typeof(q.amount) not in ('integer', 'null') then 'payin "' || q.payment_id || '": amount is no integer of minor units'
    when typeof(q.settled_amount) not in ('integer', 'null') then 'payin "' || q.payment_id || '": settled_amount is no integer of minor units'
    when typeof(q.lifetime) not in ('integer', 'null') then 'payin "' || q.payment_id || '": lifetime is no integer of seconds'
  end), '') as fault
from (
  :payins
) as q
