-- Notes that another transaction kept the rows of some verdicts locked; they are tried once more at the end of the run.
-- Safe: they stay in the selection, and the run is not closed while they do.
update hhrecon_selection
set locked = true
where run_id = :run_id and seq in (:seqs)
