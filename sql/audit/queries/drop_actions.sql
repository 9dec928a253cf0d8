-- Deletes a project's actions up to the project's checkpoint.
-- The statement is safe because the checkpoint was moved in this transaction, a trigger rejects later entries, and the
-- caller compares the counts.
delete from hhrecon_action
where project_id = :project_id and chain_seq > :from and chain_seq <= :to
