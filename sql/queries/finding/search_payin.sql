-- Returns the latest finding about a payin ID in each project. The finding may be of any age. hhrecon_chain lists all
-- projects that have findings.
-- The statement only reads, using the index hhrecon_finding_payin.
select f.*
from (
  :finding
) as f
where f.counts and f.project_id in (select c.project_id from hhrecon_chain as c)
  and f.payment_id = :payment_id
  and (cast(:project_id as text) = '' or f.project_id = :project_id)
  and (cast(:outcome as text) = '' or f.outcome = :outcome)
  and f.run_id >= (
    :latest_run
  )
