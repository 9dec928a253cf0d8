-- Saves one of HighHelp's answers about a project's payins, once. The statement is prepared once for a batch.
-- The statement is safe because only the time of an existing answer changes. An answer that was erased because of its
-- age is saved again, because it now belongs to a later finding.
insert into hhrecon_answer (project_id, digest, body, last_seen_at)
values (:project_id, :digest, :body, :seen_at)
on conflict (project_id, digest) do update set last_seen_at = excluded.last_seen_at, body = coalesce(hhrecon_answer.body, excluded.body)
where last_seen_at < excluded.last_seen_at or hhrecon_answer.body is null
