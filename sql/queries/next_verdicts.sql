-- The next verdicts to become findings. Safe: it only reads; the caller holds the fence.
select seq, payment_id, changes, reason
from hhrecon_selection
where run_id = :run_id and outcome is not null
order by seq
limit :limit
