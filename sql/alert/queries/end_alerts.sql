-- Notes what became of waiting alerts. Safe: one that has ended is left as it is.
update hhrecon_alert
set state = :state, run_id = nullif(cast(:run_id as bigint), 0), note = :note
where id in (:ids) and state = 'waiting'
