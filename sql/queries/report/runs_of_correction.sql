-- Returns the runs that a corrected report newly includes, and the later runs whose findings the report contains,
-- oldest first. For each run it also returns the number of findings. The statement only reads.
select r.id, r.selected
from hhrecon_report as c
join hhrecon_run as r on r.id in (
    select own.run_id
    from hhrecon_report_run as own
    where own.report_id = c.id
      and not exists (
        select 1
        from hhrecon_report_run as b
        join hhrecon_report as e on e.id = b.report_id
        where b.run_id = own.run_id and e.base_id = c.base_id and e.edition < c.edition
      )
    union
    select late.run_id from hhrecon_report_late as late where late.report_id = c.id
  )
where c.id = :correction
order by r.id
