-- The findings whose corrections a hold has; of one class, or of all if it is 0. Safe: it only reads, by the index
-- hhrecon_costly_hold. It is a part of another statement.
select distinct h.run_id, h.seq
from hhrecon_costly as h
where h.hold_id = :hold_id and h.state = 'held' and (cast(:class as bigint) = 0 or h.class = :class)
