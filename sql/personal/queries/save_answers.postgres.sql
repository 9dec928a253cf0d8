-- Keeps HighHelp's answers about a project's payins, each once. Safe: an answer that is there stays as it is, and is only
-- seen again; one that went by its age comes back, since it is about a later finding. The rows come in the order of their digests, so that two writers never wait for each other in a circle.
insert into hhrecon_answer as a (project_id, digest, body, last_seen_at)
select :project_id, v.digest, v.body, cast(:seen_at as timestamptz)
from unnest(cast(:digest as text[]), cast(:body as text[])) as v (digest, body)
on conflict (project_id, digest) do update set last_seen_at = excluded.last_seen_at, body = coalesce(a.body, excluded.body)
where a.last_seen_at < excluded.last_seen_at or a.body is null
