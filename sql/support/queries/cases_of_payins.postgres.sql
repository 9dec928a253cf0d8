-- Returns the latest support state of each payin in :keys, which is a JSON array of pairs of project and payin.
-- The statement only reads, using the index hhrecon_support_payin.
select m.project_id, m.payment_id, m.word as answer, m.state, m.who as "by", m.note, m.marked_at as at
from (select distinct k.value ->> 0 as project_id, k.value ->> 1 as payment_id from json_array_elements(cast(:keys as json)) as k) as k
cross join lateral (
  select * from hhrecon_support as s
  where s.project_id = k.project_id and s.payment_id = k.payment_id
  order by s.id desc
  limit 1
) as m
