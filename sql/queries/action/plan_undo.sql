-- Plans the undo of rows in a range of a run's findings. A run or a person's release wrote these rows, and they are not
-- restored yet. For each row it returns the values that were written and the values that were read before. If a person
-- has decided about a row since, the row is not restored and gets a reason.
-- The statement only reads, and the index hhrecon_action_once allows at most one action of each kind. Held corrections
-- are looked up as in plan_release.sql.
-- updated_at is the value after the last action, because an undone decision may leave another one than the run did.
select x.seq, x.project_id, x.payment_id, x.amount, x.currency, x.status_after as status, x.sub_status_after as sub_status,
       x.settled_amount_after as settled_amount, coalesce(x.acted_at, x.corrected_at) as updated_at,
       x.status_before as status_after, x.sub_status_before as sub_status_after,
       x.settled_amount_before as settled_amount_after, x.updated_at as updated_at_after,
       x.decided is null as changes,
       case when x.decided is not null then 'row.decided' end as reason_code,
       '{"args":[{"number":' || cast(x.decided as text) || '}]}' as reason_args
from (
  select f.seq, f.project_id, f.payment_id, f.merchant_amount as amount, f.currency, f.status_before, f.sub_status_before, f.settled_amount_before,
         f.updated_at, f.status_after, f.sub_status_after, f.settled_amount_after, f.correction, f.corrected_at,
         (
           select a.updated_at_after from hhrecon_action as a
           where a.run_id = f.run_id and a.seq = f.seq and a.result = 'applied'
           order by a.chain_seq desc
           limit 1
         ) as acted_at,
         exists (
           select 1 from hhrecon_action as a
           where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release' and a.result = 'applied'
         ) as released,
         (
           select max(a.chain_seq) from hhrecon_action as a
           where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'decide' and a.result in ('none', 'applied')
             and not exists (
               select 1 from hhrecon_action as u
               where u.run_id = a.run_id and u.seq = a.seq and u.chain_seq > a.chain_seq
                 and u.kind = 'undo_decision' and u.result in ('none', 'applied')
             )
         ) as decided
  from hhrecon_finding as f
  where f.run_id = :run_id and f.seq between :first and :last
    and (:all or f.payment_id in (:payment_ids))
    and 0 = (
      select count(*) from hhrecon_action as a
      where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'undo' and a.result in ('none', 'applied')
    )
) as x
where x.correction = 'applied' or x.released
