-- Keeps one of HighHelp's answers, once; it is prepared once a batch. Safe: an answer that is there stays as it is, and is
-- only seen again.
insert into hhrecon_answer (digest, body, last_seen_at)
values (:digest, :body, :seen_at)
on conflict (digest) do update set last_seen_at = excluded.last_seen_at
where last_seen_at < excluded.last_seen_at
