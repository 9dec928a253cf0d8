-- Saves the last entry of the audit log that will be deleted, and the reason. Safe: the caller has locked the row. An
-- interrupted pruning continues from this row.
update hhrecon_anchor
set goal = :goal, runs = runs + :runs, until = :until, retention = :retention, thinned_at = :now
where project_id = :project_id
