-- Returns the runs whose corrections a hold keeps back, oldest first. A :class of 0 means all classes.
-- The statement only reads, using the index hhrecon_costly_hold.
select distinct run_id
from hhrecon_costly
where hold_id = :hold_id and state = 'held' and (cast(:class as bigint) = 0 or class = :class)
order by run_id
