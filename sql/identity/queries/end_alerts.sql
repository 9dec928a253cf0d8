-- Ends the alerts whose payins are still to be asked about. Safe: it changes none that has ended, and no body.
update hhrecon_alert
set state = 'no_payin', note = :note
where state = 'waiting'
