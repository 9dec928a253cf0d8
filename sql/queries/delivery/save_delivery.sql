-- Adds a delivery. Package sql prepares the statement once for all deliveries of a report. The statement is safe
-- because the index hhrecon_delivery_once rejects a second delivery to the same recipient, unless a person requests it.
insert into hhrecon_delivery (report_id, address, folded, language, message_id, state, next_at, again_by, made_at)
values (:report_id, :address, :folded, :language, :message_id, 'waiting', :now, :again_by, :now)
