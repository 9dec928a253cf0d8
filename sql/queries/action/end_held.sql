-- Ends a held run: a person had its corrections written, or dropped them. Safe: the caller has locked the run.
update hhrecon_run
set state = :state
where id = :run_id and state = 'held'
