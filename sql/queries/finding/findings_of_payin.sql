-- Returns all findings about a payin, oldest first, including those of dry runs and runs that are not closed. Safe: it
-- only reads, using the index hhrecon_finding_payin.
select f.*
from (
  :finding
) as f
where f.project_id = :project_id and f.payment_id = :payment_id
order by f.run_id
