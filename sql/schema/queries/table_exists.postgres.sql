-- Reports whether a table with a name is visible. Safe: it only reads.
select to_regclass(:name) is not null
