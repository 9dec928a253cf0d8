-- Saves the identity that a person has confirmed. Safe: the table has one row; of two people the later one decides.
insert into hhrecon_identity (id, server, database, name, copy, recorded_at)
values (1, :server, :database, :name, :copy, :now)
on conflict (id) do update set
  server = excluded.server, database = excluded.database, name = excluded.name, copy = excluded.copy,
  recorded_at = excluded.recorded_at
