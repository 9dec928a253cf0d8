-- Selects a run's payins. It copies the rows of the merchant's two queries inside the database and numbers them. Open
-- payins come before final payins. In each group, payins that the project's last run over all open payins did not query
-- come first. Payins that the last run queried without an answer do not come first. Many such payins one after the
-- other would look like an outage, and the run would stop before it queries the other payins. If several rows have the
-- same payment_id, one of them is selected as a faulty row. A payment_id that is too long is cut, but stays too long to
-- be valid. project_id is stored as in the run.
-- The statement is safe because it reads one snapshot. Nulls stay nulls.
insert into hhrecon_selection (
  run_id, seq, query, project_id, payment_id, amount, currency, status, sub_status,
  settled_amount, lifetime, created_at, updated_at, facts
)
with p as (
  select u.*
  from (
    select 'open_payins.sql' as query, o.project_id,
           case when o.payment_id is null then '' when length(o.payment_id) > 255 then substr(o.payment_id, 1, 256) else o.payment_id end as payment_id,
           o.amount, o.currency, o.status, o.sub_status, o.settled_amount, o.lifetime, o.created_at, o.updated_at
    from (
      :open_payins
    ) as o
    union all
    select 'final_payins.sql', f.project_id,
           case when f.payment_id is null then '' when length(f.payment_id) > 255 then substr(f.payment_id, 1, 256) else f.payment_id end,
           f.amount, f.currency, f.status, f.sub_status, f.settled_amount, f.lifetime, f.created_at, f.updated_at
    from (
      :final_payins
    ) as f
    where :recheck and (f.updated_at is null or f.updated_at < :recheck_to)
  ) as u
  where :all or u.payment_id in (:payment_ids)
), d as (
  select payment_id, count(*) as copies from p group by payment_id having count(*) > 1
)
select cast(:run_id as bigint), row_number() over (order by q.query desc, coalesce(f.result, '') <> 'not_asked', q.created_at, q.payment_id), q.query,
       case when lower(q.project_id) = lower(:project_id) then cast(:project_id as text) else q.project_id end,
       q.payment_id, q.amount, q.currency, q.status, q.sub_status,
       q.settled_amount, q.lifetime, q.created_at, q.updated_at,
       case when q.copies > 1 then '{"fault":"' || 'fault.duplicate' || '","rows":' || cast(q.copies as text) || '}' end
from (
  select p.*, d.copies, row_number() over (partition by d.payment_id order by p.query desc, p.created_at, p.updated_at) as nth
  from p
  left join d on d.payment_id = p.payment_id
) as q
left join hhrecon_finding as f
  on f.project_id = :project_id and f.payment_id = q.payment_id and f.run_id = (
    select r.id from hhrecon_run as r
    where r.project_id = :project_id and r.whole and not r.dry_run and r.closed_at is not null
    order by r.id desc
    limit 1
  )
where q.copies is null or q.nth = 1
