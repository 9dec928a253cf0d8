-- Notes that the report folder shows runs that the database does not know. Safe: it is one row.
update hhrecon_identity
set known_run = :known, shown_run = :shown, restored_at = :now
