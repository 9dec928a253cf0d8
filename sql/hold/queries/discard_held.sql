-- Discards corrections of a hold, even if another class also keeps these corrections back.
-- The statement is safe because the caller has locked the run that holds them.
update hhrecon_costly
set state = 'discarded'
where state in ('held', 'allowed') and (run_id, seq) in (
  select h.run_id, h.seq from hhrecon_costly as h
  where h.hold_id = :hold_id and h.state = 'held' and (cast(:class as bigint) = 0 or h.class = :class)
)
