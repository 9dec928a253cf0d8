-- Locks a report, so two transactions cannot add corrected versions or deliveries of the report at the same time. The
-- statement is safe because it changes nothing.
select id from hhrecon_report where id = :id for no key update
