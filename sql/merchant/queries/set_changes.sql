-- Includes the given planned rows in correct_payins.sql, or excludes them. Safe: before the transaction ends, each row
-- is settled, or its old value is restored.
update hhrecon_selection
set changes = :changes
where run_id = :run_id and seq in (:seqs)
