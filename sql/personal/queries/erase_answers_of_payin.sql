-- Empties HighHelp's answers about one payin. An answer that another payin has too is about neither: it stays. Safe: only
-- the body goes, and the audit log has its digest; the caller records in the same transaction that it went.
update hhrecon_answer set body = null
where project_id = :project_id and body is not null and digest in (
  select f.answer_digest from hhrecon_finding as f where f.project_id = :project_id and f.payment_id = :payment_id
  union
  select a.answer_digest from hhrecon_action as a where a.project_id = :project_id and a.payment_id = :payment_id
)
and not exists (
  select 1 from hhrecon_finding as f
  where f.project_id = :project_id and f.answer_digest = digest and f.payment_id <> :payment_id
)
and not exists (
  select 1 from hhrecon_action as a
  where a.project_id = :project_id and a.answer_digest = digest and a.payment_id <> :payment_id
)
