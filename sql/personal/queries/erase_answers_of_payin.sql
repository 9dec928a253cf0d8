-- Erases HighHelp's answers about one payin. An answer that several payins share stays, because such an answer does not
-- identify a payin.
-- The statement is safe because it erases only the body. The audit log has the answer's digest, and the caller records
-- the erasure in the same transaction.
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
