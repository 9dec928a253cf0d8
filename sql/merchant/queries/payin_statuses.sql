-- How many of the project's payins that were created in a window have each status, :from inside and :to not. Safe: it only
-- reads. hhrecon names the words that it takes neither for open nor for final.
select status as word, count(*) as count
from payins
where project_id = :project_id
  and created_at >= :from
  and created_at < :to
group by status
