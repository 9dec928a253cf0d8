-- Cancels the reports of runs that are not published yet.
-- The statement is safe because it changes only the column announce.
update hhrecon_run
set announce = false
where announce
