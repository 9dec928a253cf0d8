-- Saves a worker's heartbeat for a batch.
-- The statement is safe because it finds the batch only if the batch belongs to this claim.
update hhrecon_batch
set beat_at = clock_timestamp()
where run_id = :run_id and number = :number and claim = :claim and state = 'working'
