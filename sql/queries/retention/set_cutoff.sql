-- Saves up to which entry the audit log is to be deleted, and why. Safe: the caller has locked the row. An interrupted
-- pruning continues from this row.
update hhrecon_anchor
set goal = :goal, runs = runs + :runs, until = :until, retention = :retention, thinned_at = :now
where project_id = :project_id
