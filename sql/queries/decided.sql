-- Tells whether a person's ruling on a finding stands. Safe: it only reads; the caller has locked the run.
select count(*) > 0
from hhrecon_action
where run_id = :run_id and seq = :seq and kind = 'decide' and result in ('none', 'applied')
