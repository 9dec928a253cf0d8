-- Counts a run's payins and adds up their amounts, by class and currency. The count includes each payin that any run
-- corrected recently, once. Each sum is returned in two parts, billions and the remainder, so the sum cannot overflow.
-- The statement only reads, using the index hhrecon_costly_recent.
select x.class, sum(x.own) as added, count(*) as count,
       cast(sum(x.amount / 1000000000) as bigint) as high, cast(sum(x.amount % 1000000000) as bigint) as low
from (
  select c.class, c.payment_id, max(c.currency) as currency, max(c.own) as own, max(c.amount) as amount
  from (
    select k.class, s.payment_id, s.currency, 1 as own,
           case k.class when 2 then abs(s.paid_amount - s.amount) when 4 then s.paid_amount else s.amount end as amount
    from hhrecon_selection as s
    join (select 1 as class union all select 2 union all select 4 union all select 8) as k on s.classes & k.class <> 0
    where s.run_id = :run_id and s.outcome is not null and s.classes <> 0
    union all
    select h.class, h.payment_id, h.currency, case when h.run_id = :run_id then 1 else 0 end, h.amount
    from hhrecon_costly as h
    where h.project_id = :project_id and h.class in (1, 2, 4, 8) and h.written_at >= :since and h.state = 'applied'
  ) as c
  group by c.class, c.payment_id
) as x
group by x.class, x.currency
