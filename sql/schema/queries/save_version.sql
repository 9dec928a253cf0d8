-- Saves that a migration was applied.
-- The statement is safe because it runs in the migration's own transaction.
insert into hhrecon_schema (version_id, is_applied) values (:version, true)
