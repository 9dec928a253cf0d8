-- Makes a delivery due immediately at a person's request. The delivery waits or was given up.
-- The statement is safe because a delivery that a process has claimed meanwhile is not changed.
update hhrecon_delivery
set state = 'waiting', next_at = :now, made_at = :now, again_by = :again_by
where id = :id and state in ('waiting', 'given_up')
