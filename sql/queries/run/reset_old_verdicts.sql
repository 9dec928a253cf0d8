-- Takes back verdicts that rest on old answers, so that their payins are asked about again and, until then, none of
-- them is corrected. Safe: the caller has locked the run, and a verdict that has become a finding is not here any more.
update hhrecon_selection
set outcome = null, changes = null, harmful = null
where run_id = :run_id and checked_at < :oldest and (outcome is not null or changes)
