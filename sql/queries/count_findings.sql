-- How many of a page's findings are there. Safe: it only reads, by the primary key.
select count(*)
from hhrecon_finding
where run_id = :run_id and seq between :first and :last
