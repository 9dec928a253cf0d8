-- Keeps one of HighHelp's answers about a project's payins, once; it is prepared once a batch. Safe: an answer that is there
-- stays as it is, and is only seen again; one that went by its age comes back, since it is about a later finding.
insert into hhrecon_answer (project_id, digest, body, last_seen_at)
values (:project_id, :digest, :body, :seen_at)
on conflict (project_id, digest) do update set last_seen_at = excluded.last_seen_at, body = coalesce(hhrecon_answer.body, excluded.body)
where last_seen_at < excluded.last_seen_at or hhrecon_answer.body is null
