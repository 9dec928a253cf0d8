-- Releases a batch, so another worker can claim it immediately.
-- The statement is safe because it finds the batch only if the batch belongs to this claim.
update hhrecon_batch
set state = 'queued', worker = '', claim = '', attempt = attempt - :refund, beat_at = clock_timestamp()
where run_id = :run_id and number = :number and claim = :claim and state = 'working'
returning run_id, number, state
