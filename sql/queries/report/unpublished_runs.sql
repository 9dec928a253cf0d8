-- Lists the closed runs whose reports are to be made and sent and were not, oldest first. Safe: it only reads.
select id
from hhrecon_run
where announce and closed_at is not null
order by id
