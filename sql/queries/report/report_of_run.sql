-- Returns the published report of a run. If there is none and :by_hand is true, it returns the report that a person
-- requested.
-- The statement only reads.
select id
from hhrecon_report
where run_id = :run_id and (made_by = '' or cast(:by_hand as boolean))
order by made_by <> ''
limit 1
