-- Counts all batches of a run, the batches that are not done, and the batches that workers have claimed.
-- The statement only reads.
select count(*) as batches, count(*) filter (where state <> 'done') as undone, count(*) filter (where state = 'working') as working,
       coalesce(max(worker) filter (where number = 0), '') as ended_by
from hhrecon_batch
where run_id = :run_id
