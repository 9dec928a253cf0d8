-- What people did about a payin, oldest first; and where its correction was held, what they did about the whole run.
-- Safe: it only reads, by the indexes hhrecon_finding_payin and hhrecon_action_finding.
select a.chain_seq, a.kind, a.project_id, a.run_id, a.seq, a.payment_id, a.currency, coalesce(a.status_before, '') as status_before,
       coalesce(a.sub_status_before, '') as sub_status_before,
       coalesce(a.settled_amount_before, 0) as settled_amount_before, coalesce(a.status_after, '') as status_after,
       coalesce(a.sub_status_after, '') as sub_status_after, coalesce(a.settled_amount_after, 0) as settled_amount_after,
       a.result, a.reason, a.reason_code, a.reason_args, a.who, a.note, a.acted_at
from hhrecon_finding as f
join hhrecon_action as a on a.run_id = f.run_id and a.seq in (f.seq, 0)
where f.project_id = :project_id and f.payment_id = :payment_id
  and (a.seq = f.seq or f.correction = 'held')
order by a.chain_seq
