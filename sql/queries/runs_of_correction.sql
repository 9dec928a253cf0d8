-- The runs that a correction covers and no edition before it does, oldest first, with the lengths of their findings: about others
-- it has nothing to say. Safe: it only reads.
select r.id, r.selected
from hhrecon_report as c
join hhrecon_report_run as own on own.report_id = c.id
join hhrecon_run as r on r.id = own.run_id
where c.id = :correction
  and not exists (
    select 1
    from hhrecon_report_run as b
    join hhrecon_report as e on e.id = b.report_id
    where b.run_id = own.run_id and e.base_id = c.base_id and e.edition < c.edition
  )
order by r.id
