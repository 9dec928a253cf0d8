-- Who was sent an edition of a report, or is to be, the oldest delivery first. Safe: it only reads.
select d.address, d.language
from hhrecon_delivery as d
join hhrecon_report as r on r.id = d.report_id
where r.base_id = :base_id and d.state <> 'given_up'
order by d.id
