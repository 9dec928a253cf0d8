-- Reports whether a run is closed; a pruned run does not exist any more. Safe: it only reads.
select closed_at is not null
from hhrecon_run
where id = :run_id and thinned_at is null
