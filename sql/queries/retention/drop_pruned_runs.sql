-- Deletes some hidden runs that have no rows in other tables. Another process may have hidden more runs meanwhile.
-- The statement is safe because a foreign key prevents the deletion of a run to which a row refers.
delete from hhrecon_run
where id in (
  select r.id from hhrecon_run as r
  where r.project_id = :project_id and r.thinned_at is not null
    and not exists (select 1 from hhrecon_finding as f where f.run_id = r.id)
    and not exists (select 1 from hhrecon_action as a where a.run_id = r.id)
    and not exists (select 1 from hhrecon_unresolved as u where u.run_id = r.id)
    and not exists (select 1 from hhrecon_alert as a where a.run_id = r.id)
    and not exists (select 1 from hhrecon_report as e where e.run_id = r.id)
    and not exists (select 1 from hhrecon_report_run as c where c.run_id = r.id)
  order by r.id
  limit :limit
)
