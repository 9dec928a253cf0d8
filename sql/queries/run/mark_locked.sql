-- Marks verdicts whose rows another transaction has locked. They are tried again at the end of the run. Safe: they stay
-- in the selection, and the run cannot close before they are settled.
update hhrecon_selection
set locked = true
where run_id = :run_id and seq in (:seqs)
