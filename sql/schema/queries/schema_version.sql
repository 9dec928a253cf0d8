-- Returns the newest applied migration.
-- The statement only reads.
select coalesce(max(version_id), 0) from hhrecon_schema where is_applied
