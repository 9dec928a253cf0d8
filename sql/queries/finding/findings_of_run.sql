-- Returns the next page of a run's findings.
-- The statement only reads, using the primary key.
select :finding_columns, f.correction, :finding_answer
from hhrecon_finding as f
where f.run_id = :run_id and f.seq between :first and :last
order by f.seq
