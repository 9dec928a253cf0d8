-- Adds the rows of a person's action to the selection. correct_payins.sql reads the rows there.
-- The statement is safe because the rows have a negative run_id, which no run has, and are deleted in the same
-- transaction.
insert into hhrecon_selection (
  run_id, seq, query, project_id, payment_id, amount, currency, status, sub_status, settled_amount, updated_at,
  status_after, sub_status_after, settled_amount_after, updated_at_after, changes, reason_code, reason_args
)
select cast(:planned as bigint), c.seq, 'correct_payins.sql', c.project_id, c.payment_id, c.amount, c.currency,
       c.status, c.sub_status, c.settled_amount, c.updated_at,
       c.status_after, c.sub_status_after, c.settled_amount_after, c.updated_at_after, c.changes, c.reason_code, c.reason_args
from (
  :candidates
) as c
where true
returning seq, project_id, payment_id, amount, currency, status, sub_status, settled_amount, updated_at,
          status_after, sub_status_after, settled_amount_after, updated_at_after, changes, reason_code, reason_args
