-- Deletes some of the project's old answers to which no finding or action refers.
-- The statement is safe because an answer that a run has just saved is not old, because last_seen_at is updated each
-- time. The outer condition checks last_seen_at again after the row is locked.
delete from hhrecon_answer
where project_id = :project_id and digest in (
  select a.digest from hhrecon_answer as a
  where a.project_id = :project_id and a.last_seen_at < :before
    and not exists (select 1 from hhrecon_finding as f where f.project_id = a.project_id and f.answer_digest = a.digest)
    and not exists (select 1 from hhrecon_action as x where x.project_id = a.project_id and x.answer_digest = a.digest)
  limit :limit
) and last_seen_at < :before
