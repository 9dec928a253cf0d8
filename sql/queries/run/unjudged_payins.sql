-- Returns the next payins without a verdict in a range of a run's selection.
-- The statement only reads, and a payin stays in the list until its verdict is saved.
select run_id, seq, project_id, payment_id, amount, currency, status, coalesce(sub_status, '') as sub_status,
       coalesce(settled_amount, 0) as settled_amount, coalesce(lifetime, 0) as lifetime,
       created_at, updated_at, facts
from hhrecon_selection
where run_id = :run_id and seq > :after and seq <= :to and outcome is null
order by seq
limit :limit
