-- Tells whether a table of that name can be seen. Safe: it only reads.
select to_regclass(:name) is not null
