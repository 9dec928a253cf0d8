-- Puts one line into the selection for correct_payins.sql to find, which would leave the merchant's row as it is, its
-- updated_at aside. Safe: it stands under a run_id below zero, which no run has, in a transaction that is rolled back.
insert into hhrecon_selection (
  run_id, seq, query, project_id, payment_id, amount, currency, status, sub_status, settled_amount, updated_at,
  status_after, sub_status_after, settled_amount_after, changes
) values (
  :run_id, :seq, 'correct_payins.sql', :project_id, :payment_id, :amount, :currency, :status, :sub_status, :settled_amount, :updated_at,
  :status_after, :sub_status_after, :settled_amount_after, :changes
)
