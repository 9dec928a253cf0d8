-- Returns the payins in a range of the selection that have a verdict or a finding.
-- The statement only reads, and the caller holds the lease on the run.
select seq, payment_id
from hhrecon_selection
where run_id = :run_id and seq between :first and :last and outcome is not null
union all
select seq, payment_id
from hhrecon_finding
where run_id = :run_id and seq between :first and :last
