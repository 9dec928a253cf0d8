-- Takes out some of the old marks for HighHelp's support on payins that no finding is about any more. Safe: there is nothing left
-- that they could be about.
delete from hhrecon_support
where id in (
  select m.id from hhrecon_support as m
  where m.project_id = :project_id and m.marked_at < :before
    and not exists (select 1 from hhrecon_finding as f where f.project_id = m.project_id and f.payment_id = m.payment_id)
  limit :limit
)
