-- Returns the next page of the open payins that are older than a run's time window.
-- The statement only reads, using the primary key.
select project_id, payment_id, amount, currency, status, coalesce(sub_status, '') as sub_status,
       coalesce(settled_amount, 0) as settled_amount, coalesce(lifetime, 0) as lifetime,
       created_at, updated_at
from hhrecon_unresolved
where run_id = :run_id and seq between :first and :last
order by seq
