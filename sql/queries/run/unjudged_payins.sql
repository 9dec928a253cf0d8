-- Returns the next payins of a part of a run that have no verdict. Safe: it only reads, and a payin leaves the list
-- only with its verdict.
select run_id, seq, project_id, payment_id, amount, currency, status, coalesce(sub_status, '') as sub_status,
       coalesce(settled_amount, 0) as settled_amount, coalesce(lifetime, 0) as lifetime,
       created_at, updated_at, facts
from hhrecon_selection
where run_id = :run_id and seq > :after and seq <= :to and outcome is null
order by seq
limit :limit
