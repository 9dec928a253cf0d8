-- Returns the first rows that the merchant's queries should not have returned. These are rows of another project, and
-- rows outside the time window, which would be reported twice.
-- The statement only reads. If it finds a row, the transaction that opens the run is rolled back.
select s.query, coalesce(s.payment_id, '') as payment_id, s.fault
from (
  select t.query, t.payment_id, case
      when t.project_id is null then 'project_id is null'
      when lower(t.project_id) <> lower(:project_id) then 'project_id is another project''s'
      when not t.inside then 'created_at is outside of :from and :to'
    end as fault
  from (
    select query, project_id, payment_id, query <> 'open_payins.sql' or (created_at >= :from and created_at < :to) as inside
    from hhrecon_selection where run_id = :run_id
    union all
    select 'open_payins.sql', project_id, payment_id, created_at < :from
    from hhrecon_unresolved where run_id = :run_id
  ) as t
) as s
where s.fault is not null
order by s.query desc, s.payment_id
limit 3
