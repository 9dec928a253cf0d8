-- Ends a held run: a person had its corrections written, or dropped them. A released run stays held while a row that was
-- locked is not written. Safe: the caller has locked the run.
update hhrecon_run
set state = :state
where id = :run_id and state = 'held' and (:state <> 'released' or not exists (
  select 1 from hhrecon_finding as f
  where f.run_id = hhrecon_run.id and f.correction = 'held' and not exists (
    select 1 from hhrecon_action as a where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release'
  )
))
