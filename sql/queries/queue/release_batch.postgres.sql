-- Gives a batch back, for others to take at once. Safe: it finds the batch only while it is this claim's.
update hhrecon_batch
set state = 'queued', worker = '', claim = '', attempt = attempt - :refund, beat_at = clock_timestamp()
where run_id = :run_id and number = :number and claim = :claim and state = 'working'
returning run_id, number, state
