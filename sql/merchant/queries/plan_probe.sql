-- Adds one row to the selection for correct_payins.sql, with a correction that changes only updated_at. Safe: it has a
-- negative run_id, which no run has, and its transaction is rolled back.
insert into hhrecon_selection (
  run_id, seq, query, project_id, payment_id, amount, currency, status, sub_status, settled_amount, updated_at,
  status_after, sub_status_after, settled_amount_after, changes
) values (
  :run_id, :seq, 'correct_payins.sql', :project_id, :payment_id, :amount, :currency, :status, :sub_status, :settled_amount, :updated_at,
  :status_after, :sub_status_after, :settled_amount_after, :changes
)
