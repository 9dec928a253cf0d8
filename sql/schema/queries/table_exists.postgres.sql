-- Reports whether a table with a name is visible.
-- The statement only reads.
select to_regclass(:name) is not null
