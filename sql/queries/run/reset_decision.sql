-- Clears a run's decision about its corrections after verdicts were removed, so the run decides again.
-- The statement is safe because the caller has locked the run. Held corrections that became findings stay held.
update hhrecon_run
set decision = ''
where id = :run_id
