-- Adds one payin to the default table; it is prepared once. Safe: the primary key refuses a
-- payin that is there already, and the caller rolls everything back then.
insert into payins (
  project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at, updated_at
) values (
  :project_id, :payment_id, :amount, :currency, :status, :sub_status, :settled_amount,
  :lifetime, :created_at, :updated_at
)
