-- Returns the published report of a run. If no report is published and :by_hand is true, the statement returns the
-- report that a person requested.
-- The statement only reads.
select id
from hhrecon_report
where run_id = :run_id and (made_by = '' or cast(:by_hand as boolean))
order by made_by <> ''
limit 1
