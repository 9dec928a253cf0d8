-- Adds payins to the default table. Safe: the primary key refuses a payin that is there already, and
-- the caller rolls everything back then.
insert into payins (
  project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at, updated_at
)
select project_id, payment_id, amount, currency, status, nullif(sub_status, ''), nullif(settled_amount, 0),
       nullif(lifetime, 0), cast(created_at as timestamptz), cast(updated_at as timestamptz)
from unnest(
  cast(:project_id as text[]), cast(:payment_id as text[]), cast(:amount as bigint[]), cast(:currency as text[]),
  cast(:status as text[]), cast(:sub_status as text[]), cast(:settled_amount as bigint[]),
  cast(:lifetime as bigint[]), cast(:created_at as text[]), cast(:updated_at as text[])
) as p (
  project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at, updated_at
)
