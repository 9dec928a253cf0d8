-- Returns all findings about a payin, oldest first, including findings of dry runs and open runs.
-- The statement only reads, using the index hhrecon_finding_payin.
select f.*
from (
  :finding
) as f
where f.project_id = :project_id and f.payment_id = :payment_id
order by f.run_id
