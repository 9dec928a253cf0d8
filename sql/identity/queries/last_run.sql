-- The last run that the database knows, and the last one that a report folder was seen to show. Safe: it only reads.
select coalesce((select max(id) from hhrecon_run), 0) as known,
       coalesce((select shown_run from hhrecon_identity), 0) as shown
