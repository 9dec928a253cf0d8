-- Removes a finding from the findings that may wait for a person's decision.
-- The statement is safe because the caller has found in this transaction that the finding never waits again, unless a
-- person undoes the decision. The lock on the project prevents that meanwhile.
delete from hhrecon_undecided where project_id = :project_id and run_id = :run_id and seq = :seq
