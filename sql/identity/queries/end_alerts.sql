-- Cancels the alerts whose payins no run has queried yet.
-- The statement is safe because it does not change alerts that have already ended, and keeps the bodies of all alerts.
update hhrecon_alert
set state = 'no_payin', note = :note
where state = 'waiting'
