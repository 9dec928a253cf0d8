-- Saves the identity that a person has confirmed.
-- The statement is safe because the table has one row. If two people confirm an identity, the later identity is stored.
insert into hhrecon_identity (id, server, database, name, copy, recorded_at)
values (1, :server, :database, :name, :copy, :now)
on conflict (id) do update set
  server = excluded.server, database = excluded.database, name = excluded.name, copy = excluded.copy,
  recorded_at = excluded.recorded_at
