-- Returns the latest findings of the payins that match a search, newest first. A text is searched only in the latest
-- :depth findings, because no index supports a text search. An outcome is looked up in the index
-- hhrecon_finding_outcome.
-- The statement only reads.
select f.*
from (
  :finding
) as f
where f.counts
  and (cast(:project_id as text) = '' or f.project_id = :project_id)
  and (cast(:outcome as text) = '' or f.outcome = :outcome)
  and (
    cast(:text as text) = ''
    or f.run_id >= coalesce((
        select d.run_id from hhrecon_finding as d
        order by d.run_id desc, d.seq desc
        limit 1 offset :depth
      ), 0)
      and (lower(f.payment_id) like :text escape '!' or lower(f.request_id) like :text escape '!')
  )
  and f.run_id >= (
    :latest_run
  )
order by f.run_id desc, f.seq desc
limit :limit
