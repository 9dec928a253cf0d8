-- Locks a project's running runs until the transaction ends, and waits for the runs' transactions. Therefore no run can
-- save an answer that it received before the erasure.
-- The statement is safe because it changes nothing.
select id from hhrecon_run where project_id = :project_id and state = 'running' order by id for no key update
