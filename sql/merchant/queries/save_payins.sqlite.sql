-- Adds one payin to the default table. The statement is prepared once.
-- The statement is safe because the primary key rejects an existing payin, and the caller then rolls the transaction
-- back.
insert into payins (
  project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at, updated_at
) values (
  :project_id, :payment_id, :amount, :currency, :status, :sub_status, :settled_amount,
  :lifetime, :created_at, :updated_at
)
