-- Reads a project's checkpoint and locks it until the transaction ends, so no other process can prune the audit log.
-- The statement is safe because it adds a missing row, and otherwise changes nothing.
insert into hhrecon_anchor (project_id)
values (:project_id)
on conflict (project_id) do update set goal = hhrecon_anchor.goal
returning chain_seq, hash, goal, runs, until, retention, thinned_at
