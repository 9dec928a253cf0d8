-- Selects a run's payins: the merchant's two queries, numbered and copied inside the database. Those come first
-- that the project's last whole run did not come to ask about; not those that it asked about without an
-- answer, since many such payins in a row look like an outage and would keep all others from being asked
-- about, night after night. Safe: it is one statement, so one snapshot, and the rows keep their exact nulls.
insert into hhrecon_selection (
  run_id, seq, query, project_id, payment_id, amount, currency, status, sub_status,
  settled_amount, lifetime, created_at, updated_at
)
select cast(:run_id as bigint), row_number() over (order by coalesce(f.result, '') <> 'not_asked', q.created_at, q.payment_id), q.query,
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
left join hhrecon_finding as f
  on f.project_id = :project_id and f.payment_id = q.payment_id and f.run_id = (
    select r.id from hhrecon_run as r
    where r.project_id = :project_id and r.whole and not r.dry_run and r.closed_at is not null
    order by r.id desc
    limit 1
  )
where :all or q.payment_id in (:payment_ids)
