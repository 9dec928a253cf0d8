-- Returns the latest support state of each payin in :keys, which is a JSON array of pairs of project and payin.
-- The statement only reads, using the index hhrecon_support_payin.
select m.project_id, m.payment_id, m.word as answer, m.state, m.who as "by", m.note, m.marked_at as at
from (
  select distinct json_extract(value, '$[0]') as project_id, json_extract(value, '$[1]') as payment_id
  from json_each(cast(:keys as text))
) as k
join hhrecon_support as m on m.id = (
  select max(s.id) from hhrecon_support as s where s.project_id = k.project_id and s.payment_id = k.payment_id
)
