-- Notes what became of waiting alerts, after what was noted on their arrival. Safe: one that has ended is left as it is.
update hhrecon_alert
set state = :state, run_id = nullif(cast(:run_id as bigint), 0),
    note = case when note = '' then :note when :note = '' then note else note || '; ' || :note end
where id in (:ids) and state = 'waiting'
