-- Records that the report folder has runs that are not in the database.
-- The statement is safe because the table has one row.
update hhrecon_identity
set known_run = :known, shown_run = :shown, restored_at = :now
