-- Returns the recipients of all versions of a report, sorted by their oldest delivery. Deliveries that were given up
-- are left out.
-- The statement only reads.
select d.address, d.language
from hhrecon_delivery as d
join hhrecon_report as r on r.id = d.report_id
where r.base_id = :base_id and d.state <> 'given_up'
order by d.id
