-- Saves the result of waiting alerts. The result is appended to the note that was saved when the alert arrived.
-- The statement is safe because an alert that has ended is not changed.
update hhrecon_alert
set state = :state, run_id = nullif(cast(:run_id as bigint), 0),
    note = case when note = '' then :note when :note = '' then note else note || '; ' || :note end
where id in (:ids) and state = 'waiting'
