-- Tells whether there is a table or view of that name. Safe: it only reads.
select count(*) > 0 from sqlite_schema where type in ('table', 'view') and lower(name) = lower(:name)
