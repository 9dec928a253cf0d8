-- All findings about a payin, of dry runs and of runs that are not closed too, oldest first. Safe: it only reads, by the
-- index hhrecon_finding_payin.
select f.*
from (
  :finding
) as f
where f.project_id = :project_id and f.payment_id = :payment_id
order by f.run_id
