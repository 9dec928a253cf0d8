-- Cancels the reports of runs that are not published yet. Safe: it changes only this flag.
update hhrecon_run
set announce = false
where announce
