-- Queues the end of a run after all its batches are done.
-- The statement is safe because each caller that ends a batch holds a lock on the run's row, so exactly one of them
-- finds that the last batch is done.
update hhrecon_batch as b
set state = 'queued', beat_at = clock_timestamp()
where run_id = :run_id and number = 0 and state = 'later'
  and not exists (select 1 from hhrecon_batch as other where other.run_id = b.run_id and other.number > 0 and other.state <> 'done')
returning run_id, number, state
