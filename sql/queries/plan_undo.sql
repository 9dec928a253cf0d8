-- The next rows that a run wrote, or a person who released it, and that were not put back yet: the row as it was
-- left then, and as it was read. One that a person has decided since has the reason to leave it alone. Safe:
-- it only reads, and the index hhrecon_action_once allows one action of each kind at most.
select f.seq, f.project_id, f.payment_id, f.currency, f.status_after as status, f.sub_status_after as sub_status,
       f.settled_amount_after as settled_amount, coalesce(w.updated_at_after, f.corrected_at) as updated_at,
       f.status_before as status_after, f.sub_status_before as sub_status_after,
       f.settled_amount_before as settled_amount_after, f.updated_at as updated_at_after,
       d.chain_seq is null as changes,
       'A person has decided this payin since: entry ' || cast(d.chain_seq as text) || ' of the audit trail, by ' || d.who || '.' as reason
from hhrecon_finding as f
left join hhrecon_action as w on w.run_id = f.run_id and w.seq = f.seq and w.kind = 'release' and w.result = 'applied'
left join hhrecon_action as d on d.run_id = f.run_id and d.seq = f.seq and d.kind = 'decide' and d.result in ('none', 'applied')
where f.run_id = :run_id and f.seq > :beyond and (f.correction = 'applied' or w.seq is not null)
  and (:all or f.payment_id in (:payment_ids))
  and not exists (
    select 1 from hhrecon_action as u
    where u.run_id = f.run_id and u.seq = f.seq and u.kind = 'undo' and u.result in ('none', 'applied')
  )
order by f.seq
limit :limit
