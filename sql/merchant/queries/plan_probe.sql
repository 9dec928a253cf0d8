-- Adds a test row for correct_payins.sql to the selection. The row's correction changes only updated_at. The statement
-- is safe because the row has a negative run_id, which no run has, and the transaction is rolled back.
insert into hhrecon_selection (
  run_id, seq, query, project_id, payment_id, amount, currency, status, sub_status, settled_amount, updated_at,
  status_after, sub_status_after, settled_amount_after, changes
) values (
  :run_id, :seq, 'correct_payins.sql', :project_id, :payment_id, :amount, :currency, :status, :sub_status, :settled_amount, :updated_at,
  :status_after, :sub_status_after, :settled_amount_after, :changes
)
