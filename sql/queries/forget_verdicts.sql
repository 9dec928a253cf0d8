-- Takes back verdicts that rest on old answers, so that their payins are asked about again. Safe: the caller
-- has locked the run, and a verdict that has become a finding is not here any more.
update hhrecon_selection
set outcome = null
where run_id = :run_id and outcome is not null and checked_at < :oldest
