-- Ends a hold that no longer keeps back a correction.
-- The statement is safe because the caller has locked the run.
update hhrecon_run
set state = :state
where id = :hold_id and state = 'held'
  and not exists (select 1 from hhrecon_costly as h where h.hold_id = hhrecon_run.id and h.state = 'held')
