-- Returns the run of the latest finding about the payin of a finding f, among closed runs that are not dry runs.
-- Compare the result as "f.run_id >= …". No later run has a finding about the payin, so this condition means the same
-- as "=". With "=", PostgreSQL would expect almost no rows and sort all findings.
-- The statement only reads, using the index hhrecon_finding_payin.
select l.run_id
from hhrecon_finding as l
join hhrecon_run as lr on lr.id = l.run_id
where l.project_id = f.project_id and l.payment_id = f.payment_id and lr.closed_at is not null and not lr.dry_run
order by l.run_id desc
limit 1
