-- Locks a report, so two transactions cannot add corrections or deliveries of it at the same time. Safe: it changes
-- nothing.
select id from hhrecon_report where id = :id for no key update
