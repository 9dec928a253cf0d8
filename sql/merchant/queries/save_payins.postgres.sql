-- Adds payins to the default table, as fast as they come. Safe: the primary key refuses a payin that is there
-- already, and the caller rolls everything back then.
copy payins (
  project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at, updated_at
) from stdin
