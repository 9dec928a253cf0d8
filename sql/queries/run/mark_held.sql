-- Marks the selected rows whose last correction by hhrecon put a success on hold. No person has undone that correction
-- or decided about it since. No later correction changed the row, except a correction for a further dispute. The row
-- must still have the status that the correction wrote. That status is not final, because the row is open. Therefore a
-- correction that wrote this status for a different amount was such a hold.
-- The statement is safe because it changes only the selection. It looks up each payin's findings using the indexes
-- hhrecon_finding_undecided and hhrecon_finding_payin.
update hhrecon_selection
set facts = '{"held_success":true}'
where run_id = :run_id and query = 'open_payins.sql' and facts is null
  and 0 < (
    select count(*)
    from hhrecon_finding as f
    where f.project_id = :project_id and f.payment_id = hhrecon_selection.payment_id
      and f.outcome in ('different_amount', 'reversed')
      and f.provider_status = 'success' and f.status_after = hhrecon_selection.status
      and (
        f.correction = 'applied'
        or 0 < (
          select count(*) from hhrecon_action as a
          where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release' and a.result = 'applied'
        )
      )
      and 0 = (
        select count(*)
        from hhrecon_finding as g
        where g.project_id = f.project_id and g.payment_id = f.payment_id and g.run_id >= f.run_id
          and (
            g.run_id > f.run_id and g.correction = 'applied'
            and not (g.provider_status = 'dispute' and coalesce(g.provider_sub_status, '') <> 'no_payment'
              and coalesce(g.facts, '') like '%"held_success":true%')
            or 0 < (
              select count(*) from hhrecon_action as a
              where a.run_id = g.run_id and a.seq = g.seq and (
                a.kind in ('decide', 'undo') and a.result in ('none', 'applied') and not exists (
                  select 1 from hhrecon_action as u
                  where a.kind = 'decide' and u.run_id = a.run_id and u.seq = a.seq and u.chain_seq > a.chain_seq
                    and u.kind = 'undo_decision' and u.result in ('none', 'applied')
                )
                or g.run_id > f.run_id and a.kind = 'release' and a.result = 'applied'
              )
            )
          )
      )
  )
