-- Notes a worker's sign of life for a batch. Safe: it finds the batch only while it is this claim's.
update hhrecon_batch
set beat_at = clock_timestamp()
where run_id = :run_id and number = :number and claim = :claim and state = 'working'
