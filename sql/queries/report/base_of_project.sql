-- The base report on the project's latest run that has one and started at or after :since. Safe: it only reads. What was
-- made by hand went to none of those who get reports, so nothing corrects it.
select b.id
from hhrecon_report as b
join hhrecon_run as r on r.id = b.run_id
where b.edition = 0 and b.made_by = '' and r.project_id = :project_id and r.started_at >= :since
order by r.id desc
limit 1
