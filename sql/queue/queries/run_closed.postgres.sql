-- Reports whether a run is closed. The statement returns no row for a deleted run.
-- The statement only reads.
select closed_at is not null
from hhrecon_run
where id = :run_id and thinned_at is null
