-- Takes the batches of a run away, so that it is one process's. Safe: the caller has locked the run and given it a new
-- owner, so that whoever worked on a batch can write nothing more.
delete from hhrecon_batch where run_id = :run_id
