-- Erases the answers of a page that were last received before a time.
-- The statement is safe because the condition is checked again if an answer is received meanwhile, and such an answer
-- stays. The caller records the erasure in the same transaction.
update hhrecon_answer set body = null
where project_id = :project_id and digest > :after and digest <= :last and body is not null and last_seen_at < :before
