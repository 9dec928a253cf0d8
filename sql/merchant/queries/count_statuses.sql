-- Returns the counts of the merchant's query with the expected types.
-- The statement only reads.
select coalesce(cast(q.word as text), '') as word, cast(q.count as bigint) as count
from (
  :payin_statuses
) as q
