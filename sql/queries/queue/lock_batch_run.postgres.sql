-- Reads what a worker must know of a run before it takes a batch, and keeps it so until the transaction ends. Safe: it
-- changes nothing; a process that takes the run over waits, or is seen.
select project_id, state, owner_token, stop_by, beat_at, closed_at is not null as closed, clock_timestamp() as read_at
from hhrecon_run
where id = :run_id and set_config('idle_in_transaction_session_timeout', '15s', true) is not null -- see require_lease.postgres.sql
for no key update
