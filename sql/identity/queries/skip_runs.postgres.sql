-- Advances the sequence of run IDs to a given number, so later runs get higher IDs.
-- The statement is safe because it only skips numbers.
select count(nextval(s.name))
from (select cast(pg_get_serial_sequence('hhrecon_run', 'id') as regclass) as name) as s,
     generate_series(coalesce(pg_sequence_last_value(s.name), 0) + 1, cast(:last as bigint))
