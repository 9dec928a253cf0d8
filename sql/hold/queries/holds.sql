-- Returns the held classes of a run's project. A hold is left out if the run queries all open payins and has trusted
-- answers about all held payins of the class. In this case the run ends the hold.
-- The statement only reads, using the index hhrecon_costly_held.
select h.class, min(h.hold_id) as hold_id
from hhrecon_costly as h
left join (
  select s.payment_id
  from hhrecon_selection as s
  where s.run_id = :run_id and s.outcome not in ('unreachable', 'unverifiable', 'not_found')
) as t on t.payment_id = h.payment_id and :whole
where h.project_id = :project_id and h.state = 'held' and h.class in (1, 2, 4, 8) and t.payment_id is null
group by h.class
