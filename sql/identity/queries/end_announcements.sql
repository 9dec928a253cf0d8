-- Ends what runs have still to report. Safe: it changes nothing but the note.
update hhrecon_run
set announce = false
where announce
