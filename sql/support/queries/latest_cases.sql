-- Returns the latest support state of each payin of a project, or of all projects if :project_id is empty.
-- The statement only reads.
select m.project_id, m.payment_id, m.word as answer, m.state, m.who as "by", m.note, m.marked_at as at
from hhrecon_support as m
where (cast(:project_id as text) = '' or m.project_id = :project_id)
  and m.id = (
    select max(later.id) from hhrecon_support as later
    where later.project_id = m.project_id and later.payment_id = m.payment_id
  )
