-- Reads the data about a run that a worker needs before it claims a batch. It locks the run's row until the transaction
-- ends.
-- The statement is safe because it changes nothing. A process that takes over the run waits, or else this statement
-- returns the new owner.
select project_id, state, owner_token, stop_by, beat_at, closed_at is not null as closed, clock_timestamp() as read_at
from hhrecon_run
where id = :run_id and set_config('idle_in_transaction_session_timeout', '15s', true) is not null -- see require_lease.postgres.sql
for no key update
