-- Keeps the transaction from holding the merchant's rows for long: it does not wait longer for a lock, and a statement about
-- many rows takes at most 2 s. Shorter limits of the session stay. Safe: the limits end with the transaction.
select set_config(l.name, l.value, true)
from (
  values ('lock_timeout', cast(:lock_wait as text)), ('statement_timeout', case when cast(:statement as boolean) then '2s' end)
) as l (name, value)
where cast(current_setting(l.name) as interval) not between interval '1 ms' and cast(l.value as interval)
