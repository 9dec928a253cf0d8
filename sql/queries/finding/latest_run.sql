-- The run that has the last word on the payin of a finding f: the latest that counts, being closed and no dry run. Of the
-- runs that count none is later, so "f.run_id >= …" asks for it; with "=" PostgreSQL would expect to find next to nothing, and
-- sort all findings to find that. Safe: it only reads, by the index hhrecon_finding_payin.
select l.run_id
from hhrecon_finding as l
join hhrecon_run as lr on lr.id = l.run_id
where l.project_id = f.project_id and l.payment_id = f.payment_id and lr.closed_at is not null and not lr.dry_run
order by l.run_id desc
limit 1
