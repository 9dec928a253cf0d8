-- The report of a run: the one that was announced; or else, where :by_hand, the one that a person has made of it. Safe: it only reads.
select id
from hhrecon_report
where run_id = :run_id and (made_by = '' or cast(:by_hand as boolean))
order by made_by <> ''
limit 1
