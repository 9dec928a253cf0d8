-- Takes from a span of the selection that corrections of held classes are to be written: correct_payins.sql does not see them.
-- Safe: the caller holds the fence, and what is to be corrected stays with the verdicts.
update hhrecon_selection
set changes = false
where run_id = :run_id and seq between :first and :last and changes and classes & :held <> 0
