-- Saves the open payins that are older than the run's time window but were in the time window of the last run over all
-- open payins. Invalid values become empty. If several rows have the same payment_id, one of them is saved.
-- The statement is safe because the merchant's query runs only for the time between the starts of the two time windows.
-- Each payin is therefore saved once, and is not in a selection.
insert into hhrecon_unresolved (
  run_id, seq, project_id, payment_id, amount, currency, status, sub_status,
  settled_amount, lifetime, created_at, updated_at
)
select cast(:run_id as bigint), row_number() over (order by o.created_at, o.payment_id),
       o.project_id, coalesce(cast(o.payment_id as text), ''), case when typeof(o.amount) = 'integer' then o.amount else 0 end,
       coalesce(cast(o.currency as text), ''), cast(o.status as text), cast(o.sub_status as text),
       case when typeof(o.settled_amount) = 'integer' then o.settled_amount end,
       case when typeof(o.lifetime) = 'integer' then o.lifetime end,
       case when o.created_at glob :time then o.created_at end, case when o.updated_at glob :time then o.updated_at end
from (
  select p.*, row_number() over (partition by p.payment_id order by p.created_at, p.updated_at) as nth
  from (
    :open_payins
  ) as p
) as o
where o.nth = 1 and o.created_at glob :time
