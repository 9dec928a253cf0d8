-- Deletes some old support states of payins that no longer have a finding.
-- The statement is safe because these payins are no longer shown.
delete from hhrecon_support
where id in (
  select m.id from hhrecon_support as m
  where m.project_id = :project_id and m.marked_at < :before
    and not exists (select 1 from hhrecon_finding as f where f.project_id = m.project_id and f.payment_id = m.payment_id)
  limit :limit
)
