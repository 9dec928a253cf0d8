-- Finds the first rows that the merchant's queries must not return. Safe: it only reads, and what it
-- finds rolls the opening of the run back.
select s.query, coalesce(s.payment_id, '') as payment_id, s.fault
from (
  select t.query, t.payment_id, case
      when t.payment_id is null then 'payment_id is null'
      when t.project_id is null then 'project_id is null'
      when t.amount is null then 'amount is null'
      when t.currency is null then 'currency is null'
      when t.status is null then 'status is null'
      when t.created_at is null then 'created_at is null'
      when t.updated_at is null then 'updated_at is null'
      when t.project_id <> :project_id then 'project_id is another project''s'
      when not t.inside then 'created_at is outside of :from and :to'
      when t.times > 1 then 'it is returned more than once'
    end as fault
  from (
    select u.*, count(*) over (partition by u.payment_id) as times
    from (
      select query, project_id, payment_id, amount, currency, status, created_at, updated_at,
             query <> 'open_payins.sql' or (created_at >= :from and created_at < :to) as inside
      from hhrecon_selection where run_id = :run_id
      union all
      select 'open_payins.sql', project_id, payment_id, amount, currency, status, created_at, updated_at,
             created_at < :from
      from hhrecon_unresolved where run_id = :run_id
    ) as u
  ) as t
) as s
where s.fault is not null
order by s.query desc, s.payment_id
limit 3
