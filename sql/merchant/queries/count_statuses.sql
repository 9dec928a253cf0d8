-- What the merchant's query counts, with the types that are expected. Safe: it only reads.
select coalesce(cast(q.word as text), '') as word, cast(q.count as bigint) as count
from (
  :payin_statuses
) as q
