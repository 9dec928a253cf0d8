-- Notes up to where the audit trail is to be taken out, and why. Safe: the caller has locked the row; a thinning that breaks
-- off goes on from there.
update hhrecon_anchor
set goal = :goal, runs = runs + :runs, until = :until, retention = :retention, thinned_at = :now
where project_id = :project_id
