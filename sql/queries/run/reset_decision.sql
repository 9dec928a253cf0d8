-- Lets a run be weighed again after verdicts were taken back. Safe: the caller has locked the run; what was held and became a
-- finding stays held.
update hhrecon_run
set decision = ''
where id = :run_id
