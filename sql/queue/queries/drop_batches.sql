-- Deletes the batches of a run, so the run belongs to one process.
-- The statement is safe because the caller has locked the run and given it a new owner, so the former workers can no
-- longer write.
delete from hhrecon_batch where run_id = :run_id
