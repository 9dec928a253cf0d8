-- Returns the next page of the findings of a corrected report. The included statement :differences
-- only reads, payin by payin.
select :finding_columns, f.correction, :finding_answer
from (:differences) as f
where f.run_id = :run_id and f.seq between :first and :last
order by f.seq
