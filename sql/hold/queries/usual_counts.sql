-- Counts the payins of each class that runs corrected or people released, by local date.
-- The statement only reads, using the index hhrecon_costly_day.
select day, class, count(distinct payment_id) as count
from hhrecon_costly
where project_id = :project_id and day between :first and :last and class in (1, 2, 4, 8)
  and state in ('applied', 'released', 'decided')
group by day, class
