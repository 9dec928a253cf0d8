-- Saves the position up to which the audit log will be deleted, and the retention setting.
-- The statement is safe because the caller has locked the row. An interrupted pruning continues from this row.
update hhrecon_anchor
set goal = :goal, runs = runs + :runs, until = :until, retention = :retention, thinned_at = :now
where project_id = :project_id
