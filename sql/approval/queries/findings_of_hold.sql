-- Returns the findings whose corrections a hold keeps back. A :class of 0 means all classes.
-- The statement only reads, using the index hhrecon_costly_hold. Another statement includes this statement.
select distinct h.run_id, h.seq
from hhrecon_costly as h
where h.hold_id = :hold_id and h.state = 'held' and (cast(:class as bigint) = 0 or h.class = :class)
