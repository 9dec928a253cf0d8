-- Has a delivery that waits, or was given up, tried at once, on a person's word. Safe: one that a process has claimed
-- meanwhile is left alone.
update hhrecon_delivery
set state = 'waiting', next_at = :now, made_at = :now, again_by = :again_by
where id = :id and state in ('waiting', 'given_up')
