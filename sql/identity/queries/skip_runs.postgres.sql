-- Advances the run number to a given one, so that no run gets a lower number. Safe: numbers are only skipped.
select count(nextval(s.name))
from (select cast(pg_get_serial_sequence('hhrecon_run', 'id') as regclass) as name) as s,
     generate_series(coalesce(pg_sequence_last_value(s.name), 0) + 1, cast(:last as bigint))
