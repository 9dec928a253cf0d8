-- Saves each of HighHelp's answers about a project's payins once.
-- The statement is safe because only the time of an existing answer changes. An answer that was erased because of its
-- age is saved again, because it now belongs to a later finding. The rows are sorted by digest, so two writers cannot
-- deadlock.
insert into hhrecon_answer as a (project_id, digest, body, last_seen_at)
select :project_id, v.digest, v.body, cast(:seen_at as timestamptz)
from unnest(cast(:digest as text[]), cast(:body as text[])) as v (digest, body)
on conflict (project_id, digest) do update set last_seen_at = excluded.last_seen_at, body = coalesce(a.body, excluded.body)
where a.last_seen_at < excluded.last_seen_at or a.body is null
