-- Marks verdicts whose rows another transaction has locked. The run tries these verdicts again at its end.
-- The statement is safe because the verdicts stay in the selection, and the run cannot close before they are settled.
update hhrecon_selection
set locked = true
where run_id = :run_id and seq in (:seqs)
