-- Returns the undecided findings of some runs at some positions. The caller ignores pairs of run and position that it
-- did not request.
-- The statement only reads, using the primary keys. It looks up pairs in the small table hhrecon_undecided first.
select f.*
from hhrecon_undecided as u
join (
  :finding
) as f on f.run_id = u.run_id and f.seq = u.seq
where u.run_id in (:runs) and u.seq in (:seqs) and f.counts
