-- Returns the latest finding about a payin in closed runs that are not dry runs, and the time of a person's decision
-- about it.
-- The statement only reads, using the index hhrecon_finding_payin.
select f.*, (
         :decided_at
       ) as decided_at
from (
  :finding
) as f
where f.project_id = :project_id and f.payment_id = :payment_id and f.counts
order by f.run_id desc
limit 1
