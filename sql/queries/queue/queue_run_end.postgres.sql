-- Queues a run's end once all its batches are done. Safe: the caller holds the run's row, as everyone does who ends a
-- batch, so that exactly one sees the last of them done.
update hhrecon_batch as b
set state = 'queued', beat_at = clock_timestamp()
where run_id = :run_id and number = 0 and state = 'later'
  and not exists (select 1 from hhrecon_batch as other where other.run_id = b.run_id and other.number > 0 and other.state <> 'done')
returning run_id, number, state
