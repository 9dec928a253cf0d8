-- Removes verdicts that are based on old answers. The payins of these verdicts are queried again before any correction.
-- The statement is safe because the caller has locked the run, and a verdict that became a finding is no longer in this
-- table.
update hhrecon_selection
set outcome = null, changes = null, harmful = null
where run_id = :run_id and checked_at < :oldest and (outcome is not null or changes)
