-- Keeps everybody else from taking out of a project's audit trail until the transaction ends. Safe: it makes the row where
-- there is none, and else changes nothing.
insert into hhrecon_anchor (project_id)
values (:project_id)
on conflict (project_id) do update set goal = hhrecon_anchor.goal
returning chain_seq, hash, goal, runs, until, retention, thinned_at
