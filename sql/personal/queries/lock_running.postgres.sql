-- Waits for the transactions of a project's running runs, and keeps further ones out until the transaction ends: none has
-- looked at the erasures and not saved its answers yet. Safe: it changes nothing.
select id from hhrecon_run where project_id = :project_id and state = 'running' order by id for no key update
