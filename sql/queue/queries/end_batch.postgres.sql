-- Marks a batch as done.
-- The statement is safe because it finds the batch only if the batch belongs to this claim and each of its payins has a
-- verdict.
update hhrecon_batch as b
set state = 'done', beat_at = clock_timestamp()
where run_id = :run_id and number = :number and claim = :claim and state = 'working'
  and not exists (select 1 from hhrecon_selection as s
                  where s.run_id = b.run_id and s.seq > b.after_seq and s.seq <= b.to_seq and s.outcome is null)
