-- Cancels the reports of runs that are not published yet.
-- The statement is safe because it changes only this flag.
update hhrecon_run
set announce = false
where announce
