-- Ends the alerts whose payins no run has queried yet. Safe: alerts that have ended and all bodies are unchanged.
update hhrecon_alert
set state = 'no_payin', note = :note
where state = 'waiting'
