-- Returns the last run in the database, and the last run with a report in the report folder. The statement only reads.
select coalesce((select max(id) from hhrecon_run), 0) as known,
       coalesce((select shown_run from hhrecon_identity), 0) as shown
