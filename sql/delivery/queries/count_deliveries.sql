-- Counts deliveries by state. Safe: it only reads.
select state, count(*) as count from hhrecon_delivery group by state order by state
