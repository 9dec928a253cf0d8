-- Lists the closed runs whose reports are still to be made and sent, oldest first.
-- The statement only reads.
select id
from hhrecon_run
where announce and closed_at is not null
order by id
