-- Marks that a run's report is published and its workbook is written. Safe: it changes nothing else, and only once.
update hhrecon_run
set announce = false
where id = :run_id and announce
