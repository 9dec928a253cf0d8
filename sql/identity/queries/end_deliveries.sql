-- Cancels the deliveries that wait to be sent.
-- The statement is safe because deliveries that were sent or given up are not changed, and a person can send one again.
update hhrecon_delivery
set state = 'given_up', note = :note
where state in ('waiting', 'sending')
