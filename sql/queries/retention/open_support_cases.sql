-- Returns the payins whose latest support state is not settled.
-- The statement only reads.
select m.project_id, m.payment_id, m.word as answer, m.state, m.who as "by", m.note, m.marked_at as at
from hhrecon_support as m
where m.project_id = :project_id and m.state in ('sent', 'answered')
  and m.id = (
    select max(later.id) from hhrecon_support as later
    where later.project_id = m.project_id and later.payment_id = m.payment_id
  )
