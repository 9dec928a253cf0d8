-- Marks verdicts whose rows another transaction has locked; they are retried at the end of the run. Safe: they stay in
-- the selection, and the run is not closed before they are settled.
update hhrecon_selection
set locked = true
where run_id = :run_id and seq in (:seqs)
