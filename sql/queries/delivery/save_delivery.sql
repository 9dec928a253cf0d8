-- Notes a delivery; it is prepared once for all of a report's. Safe: the index hhrecon_delivery_once refuses a second one to
-- the same recipient, unless a person wants it.
insert into hhrecon_delivery (report_id, address, folded, language, message_id, state, next_at, again_by, made_at)
values (:report_id, :address, :folded, :language, :message_id, 'waiting', :now, :again_by, :now)
