-- Releases one class of a run's corrections that another class or hold also keeps back. The released class then no
-- longer keeps these corrections back.
-- The statement is safe because the caller has locked the run that holds the corrections. These corrections are not
-- written before the other class or hold is released.
update hhrecon_costly
set state = 'allowed'
where run_id = :run_id and hold_id = :hold_id and state = 'held' and (cast(:class as bigint) = 0 or class = :class)
  and exists (
    select 1 from hhrecon_costly as o
    where o.run_id = hhrecon_costly.run_id and o.seq = hhrecon_costly.seq and o.state = 'held'
      and (o.hold_id <> :hold_id or cast(:class as bigint) <> 0 and o.class <> :class)
  )
