-- Claims a batch for one worker.
-- The statement is safe because only one of several simultaneous workers finds the batch queued. The other workers wait
-- and then find nothing.
update hhrecon_batch
set state = 'working', worker = :worker, claim = :claim, attempt = attempt + 1, beat_at = clock_timestamp()
where run_id = :run_id and number = :number and state = 'queued'
returning after_seq, to_seq, attempt
