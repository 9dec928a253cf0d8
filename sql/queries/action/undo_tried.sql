-- What earlier undos have said about rows that they left alone. Safe: it only reads.
select chain_seq, kind, project_id, run_id, seq, payment_id, currency, coalesce(status_before, '') as status_before,
       coalesce(sub_status_before, '') as sub_status_before,
       coalesce(settled_amount_before, 0) as settled_amount_before, coalesce(status_after, '') as status_after,
       coalesce(sub_status_after, '') as sub_status_after, coalesce(settled_amount_after, 0) as settled_amount_after,
       result, reason, reason_code, reason_args, who, note, acted_at
from hhrecon_action
where run_id = :run_id and seq in (:seqs) and kind = 'undo' and result in ('superseded', 'refused')
order by chain_seq
