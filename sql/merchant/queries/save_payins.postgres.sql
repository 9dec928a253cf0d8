-- Adds payins to the default table in bulk.
-- The statement is safe because the primary key rejects an existing payin, and the caller then rolls the transaction
-- back.
copy payins (
  project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at, updated_at
) from stdin
