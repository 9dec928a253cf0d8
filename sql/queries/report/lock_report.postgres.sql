-- Locks a report, so that its corrections and new deliveries are made one after the other. Safe: it changes nothing.
select id from hhrecon_report where id = :id for no key update
