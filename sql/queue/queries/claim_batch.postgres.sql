-- Claims a batch for one worker. Safe: only one of several workers finds the batch queued; the others wait for it and
-- find nothing.
update hhrecon_batch
set state = 'working', worker = :worker, claim = :claim, attempt = attempt + 1, beat_at = clock_timestamp()
where run_id = :run_id and number = :number and state = 'queued'
returning after_seq, to_seq, attempt
