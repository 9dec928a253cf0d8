-- Returns the recipients of all versions of a report, by the oldest delivery, without deliveries that were given up.
-- Safe: it only reads.
select d.address, d.language
from hhrecon_delivery as d
join hhrecon_report as r on r.id = d.report_id
where r.base_id = :base_id and d.state <> 'given_up'
order by d.id
