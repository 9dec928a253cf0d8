-- Clears a run's decision after verdicts were removed, so that the run decides again. Safe: the caller has locked the
-- run, and held corrections that became findings stay held.
update hhrecon_run
set decision = ''
where id = :run_id
