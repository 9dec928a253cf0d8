-- Includes the given planned rows in correct_payins.sql, or excludes them.
-- The statement is safe because each row is settled, or the row's old value is restored, before the transaction ends.
update hhrecon_selection
set changes = :changes
where run_id = :run_id and seq in (:seqs)
