-- Tells whether the database has triggers beside ours: SQLite returns a row as it is before they have run. Safe:
-- it only reads.
select count(*) > 0 from sqlite_schema where type = 'trigger' and tbl_name not like 'hhrecon!_%' escape '!'
