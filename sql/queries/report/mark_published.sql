-- Notes that a run was announced and has its workbook. Safe: it changes nothing but the note, and changes it once.
update hhrecon_run
set announce = false
where id = :run_id and announce
