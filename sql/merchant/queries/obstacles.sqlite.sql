-- Returns the triggers that may have changed or rejected a written row.
-- The statement only reads.
select 'cause.trigger' as code, name, tbl_name as relation
from sqlite_schema
where type = 'trigger' and tbl_name not like 'hhrecon!_%' escape '!'
