-- Saves which River job belongs to which batch.
-- The statement is safe because the jobs and the batches are created in the same transaction.
update hhrecon_batch as b
set job_id = j.id
from unnest(cast(:run_id as bigint[]), cast(:number as bigint[]), cast(:job_id as bigint[])) as j (run_id, number, id)
where b.run_id = j.run_id and b.number = j.number
