-- Returns the findings of a run that match a search, in the order of the selection.
-- The statement only reads. It uses the primary key, or the index hhrecon_finding_outcome if it searches for an
-- outcome.
select f.*
from (
  :finding
) as f
where f.run_id = :run_id and f.seq > :beyond
  and (cast(:project_id as text) = '' or f.project_id = :project_id)
  and (cast(:outcome as text) = '' or f.outcome = :outcome)
  and (
    cast(:text as text) = ''
    or lower(f.payment_id) like :text escape '!'
    or lower(f.request_id) like :text escape '!'
  )
order by f.seq
limit :limit
