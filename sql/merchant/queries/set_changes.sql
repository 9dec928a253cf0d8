-- Says of planned rows whether correct_payins.sql is to find them. Safe: the rows are settled, or the transaction sets
-- the column back, before it ends.
update hhrecon_selection
set changes = :changes
where run_id = :run_id and seq in (:seqs)
