-- Splits a run's payins without a verdict into batches, and adds batch 0 for the end of the run.
-- The statement is safe because the caller has opened or locked the run, and the run has no batches.
with parts as (
  select distinct (seq + :size - 1) / :size as number
  from hhrecon_selection
  where run_id = :run_id and outcome is null
)
insert into hhrecon_batch (run_id, number, after_seq, to_seq, state, beat_at)
select :run_id, number, (number - 1) * :size, number * :size, 'queued', clock_timestamp() from parts
union all
select :run_id, 0, 0, 0, case when exists (select 1 from parts) then 'later' else 'queued' end, clock_timestamp()
returning run_id, number, state
