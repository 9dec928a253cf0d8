-- Makes a batch one worker's. Safe: of several only one finds it queued, and the others wait for that and find nothing.
update hhrecon_batch
set state = 'working', worker = :worker, claim = :claim, attempt = attempt + 1, beat_at = clock_timestamp()
where run_id = :run_id and number = :number and state = 'queued'
returning after_seq, to_seq, attempt
