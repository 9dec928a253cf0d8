-- Counts the project's payins that were created from :from (inclusive) to :to (exclusive), by status. hhrecon reports
-- the statuses that it treats neither as open nor as final.
-- The statement only reads.
select status as word, count(*) as count
from payins
where project_id = :project_id
  and created_at >= :from
  and created_at < :to
group by status
