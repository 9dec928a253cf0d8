-- The last words on payins of an id, one a project, however old. Safe: it only reads, by the index
-- hhrecon_finding_payin; every project that has findings is in hhrecon_chain.
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
