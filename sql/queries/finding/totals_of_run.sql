-- Returns a run's findings for totals.sql.
-- The statement only reads.
select outcome, currency, merchant_amount, initial_amount, old_amount, amount, provider_status, correction
from hhrecon_finding
where run_id = :run_id
