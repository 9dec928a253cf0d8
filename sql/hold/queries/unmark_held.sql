-- Excludes corrections of held classes in a range of the selection from correct_payins.sql.
-- The statement is safe because the caller holds the lease on the run. The verdicts still contain the corrections.
update hhrecon_selection
set changes = false
where run_id = :run_id and seq between :first and :last and changes and classes & :held <> 0
