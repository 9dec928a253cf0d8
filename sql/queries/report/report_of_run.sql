-- Returns the report of a run: the published one or, if :by_hand is true and there is none, the one that a person made.
-- Safe: it only reads.
select id
from hhrecon_report
where run_id = :run_id and (made_by = '' or cast(:by_hand as boolean))
order by made_by <> ''
limit 1
