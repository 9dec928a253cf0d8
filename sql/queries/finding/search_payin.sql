-- Returns the latest finding of a payin id in each project, of any age. Safe: it only reads, using the index
-- hhrecon_finding_payin. hhrecon_chain has all projects with findings.
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
