-- Returns the next page of the findings by which a period counts its payins (counted.sql).
-- The statement only reads.
select :finding_columns, f.correction, :finding_answer
from hhrecon_finding as f
where f.run_id = :run_id and f.seq between :first and :last
  and :counted
order by f.seq
