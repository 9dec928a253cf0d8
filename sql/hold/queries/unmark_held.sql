-- Unmarks the corrections of held classes in a range of the selection, so that correct_payins.sql does not write them.
-- Safe: the caller holds the lease on the run, and the verdicts keep what is to be corrected.
update hhrecon_selection
set changes = false
where run_id = :run_id and seq between :first and :last and changes and classes & :held <> 0
