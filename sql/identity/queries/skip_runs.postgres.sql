-- Takes the numbers of runs up to a given one, so that no run gets them. Safe: numbers are only left out.
select count(nextval(s.name))
from (select cast(pg_get_serial_sequence('hhrecon_run', 'id') as regclass) as name) as s,
     generate_series(coalesce(pg_sequence_last_value(s.name), 0) + 1, cast(:last as bigint))
