-- Limits how long the transaction can lock the merchant's rows. The statement sets the time limit for waiting for a
-- lock. For a statement about many rows it also sets a limit of 2 s for the statement. Shorter limits of the session
-- stay in effect.
-- The statement is safe because the limits end with the transaction.
select set_config(l.name, l.value, true)
from (
  values ('lock_timeout', cast(:lock_wait as text)), ('statement_timeout', case when cast(:statement as boolean) then '2s' end)
) as l (name, value)
where cast(current_setting(l.name) as interval) not between interval '1 ms' and cast(l.value as interval)
