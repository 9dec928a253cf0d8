-- Returns the triggers that may change or reject a row that was just written. Safe: it only reads.
select 'cause.trigger' as code, name, tbl_name as relation
from sqlite_schema
where type = 'trigger' and tbl_name not like 'hhrecon!_%' escape '!'
