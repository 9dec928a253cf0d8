-- Selects a run's payins: the merchant's two queries, numbered and copied inside the database. Safe:
-- it is one statement, so one snapshot, and the rows keep their exact nulls.
insert into hhrecon_selection (
  run_id, seq, query, project_id, payment_id, amount, currency, status, sub_status,
  settled_amount, lifetime, created_at, updated_at
)
select cast(:run_id as bigint), row_number() over (order by q.created_at, q.payment_id), q.query,
       q.project_id, q.payment_id, q.amount, q.currency, q.status, q.sub_status,
       q.settled_amount, q.lifetime, q.created_at, q.updated_at
from (
  select 'open_payins.sql' as query, o.project_id, o.payment_id, o.amount, o.currency, o.status,
         o.sub_status, o.settled_amount, o.lifetime, o.created_at, o.updated_at
  from (
    :open_payins
  ) as o
  union all
  select 'final_payins.sql', f.project_id, f.payment_id, f.amount, f.currency, f.status,
         f.sub_status, f.settled_amount, f.lifetime, f.created_at, f.updated_at
  from (
    :final_payins
  ) as f
  where :recheck
) as q
where :all or q.payment_id in (:payment_ids)
