-- The next page of a run's findings. Safe: it only reads, by the primary key.
select run_id, seq, project_id, payment_id, outcome, causes, merchant_amount,
       coalesce(initial_amount, 0) as initial_amount, coalesce(old_amount, 0) as old_amount,
       coalesce(amount, 0) as amount, currency, status_before,
       coalesce(sub_status_before, '') as sub_status_before,
       coalesce(settled_amount_before, 0) as settled_amount_before, coalesce(lifetime, 0) as lifetime,
       created_at, updated_at, coalesce(provider_status, '') as provider_status,
       coalesce(provider_sub_status, '') as provider_sub_status, coalesce(request_id, '') as request_id,
       expires_at, status_after, coalesce(sub_status_after, '') as sub_status_after,
       coalesce(settled_amount_after, 0) as settled_amount_after, correction, harmful, result,
       coalesce(answer, '') as answer, reason, checked_at
from hhrecon_finding
where run_id = :run_id and seq between :first and :last
order by seq
