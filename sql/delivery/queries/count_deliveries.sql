-- Counts deliveries by state.
-- The statement only reads.
select state, count(*) as count from hhrecon_delivery group by state order by state
