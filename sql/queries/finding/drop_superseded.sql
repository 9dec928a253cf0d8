-- Removes findings of a project that a later run has judged again, or that were deleted, from the findings that may
-- wait for a person's decision.
-- The statement is safe because the latest finding stays, and findings are never changed.
delete from hhrecon_undecided
where project_id = :project_id and not exists (
  select 1
  from hhrecon_finding as f
  where f.run_id = hhrecon_undecided.run_id and f.seq = hhrecon_undecided.seq
    and not exists (
      select 1
      from hhrecon_finding as later
      join hhrecon_run as r on r.id = later.run_id and r.closed_at is not null and not r.dry_run
      where later.project_id = f.project_id and later.payment_id = f.payment_id and later.run_id > f.run_id
    )
)
