-- Empties the answers of a page that last came long ago. Safe: an answer that comes again meanwhile is looked at once more
-- and stays; the caller records in the same transaction that they went.
update hhrecon_answer set body = null
where project_id = :project_id and digest > :after and digest <= :last and body is not null and last_seen_at < :before
