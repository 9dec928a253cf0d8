-- Notes how many payins a run selected. Safe: it runs in the transaction that opens the run.
update hhrecon_run
set selected = :selected, unresolved = :unresolved
where id = :run_id
