-- Marks a run's report as published and its workbook as written.
-- The statement is safe because it changes only this flag, and only once.
update hhrecon_run
set announce = false
where id = :run_id and announce
