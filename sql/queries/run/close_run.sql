-- Writes a run's end. Safe: it finds the run only while it is the caller's, has no payin left in the
-- selection, and as many findings as it selected payins; so no payin is missing from its report.
update hhrecon_run
set state = :state, closed_at = :now, beat_at = :clock
where id = :run_id and project_id = :project_id and owner_token = :token and state = 'running'
  and not exists (select 1 from hhrecon_selection as s where s.run_id = :run_id)
  and selected = (select count(*) from hhrecon_finding as f where f.run_id = :run_id)
