-- Ends the alerts whose payins no run has queried yet.
-- The statement is safe because alerts that have already ended are not changed, and all bodies stay.
update hhrecon_alert
set state = 'no_payin', note = :note
where state = 'waiting'
