-- Ends the mails that wait to be sent. Safe: it changes none that was sent or given up; a person can have it sent again.
update hhrecon_delivery
set state = 'given_up', note = :note
where state in ('waiting', 'sending')
