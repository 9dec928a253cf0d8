-- Reports whether a table or view with a name exists.
-- The statement only reads.
select count(*) > 0 from sqlite_schema where type in ('table', 'view') and lower(name) = lower(:name)
