-- Sets whether correct_payins.sql writes some planned rows. Safe: before the transaction ends, the rows are either
-- settled or set back.
update hhrecon_selection
set changes = :changes
where run_id = :run_id and seq in (:seqs)
