-- Counts a payin's findings whose audit log entry contains the answer itself, as in version 1. It also returns the time
-- of the latest of these findings.
-- The statement only reads.
select count(*) as findings, max(checked_at) as latest from hhrecon_finding
where project_id = :project_id and payment_id = :payment_id and version = 1 and answer is not null
