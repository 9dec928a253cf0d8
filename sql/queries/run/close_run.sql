-- Saves a run's end, and the totals of its findings for its headline.
-- The statement is safe because it finds the run only if the run belongs to the caller, the selection is empty, and the
-- run has one finding for each selected payin. Therefore no payin is missing from the run's report.
update hhrecon_run
set state = :state, closed_at = :now, beat_at = :clock,
    tally = (
      select '{"counted":true,"asked":' || cast(count(*) filter (where f.result <> 'not_asked') as text)
        || ',"not_found":' || cast(count(*) filter (where f.outcome = 'not_found') as text)
        || ',"trusted":' || cast(count(*) filter (where f.outcome not in ('unreachable', 'unverifiable', 'not_found')) as text)
        || ',"untrusted":' || cast(count(*) filter (where f.outcome in ('unreachable', 'unverifiable')) as text)
        || ',"unwritten":' || cast(count(*) filter (where f.correction in ('refused', 'locked')) as text)
      from hhrecon_finding as f
      where f.run_id = :run_id
    ) || case when length(tally) > 2 then ',' || substr(tally, 2) else '}' end
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
  and not exists (select 1 from hhrecon_selection as s where s.run_id = :run_id)
  and selected = (select count(*) from hhrecon_finding as f where f.run_id = :run_id)
