-- Saves the identity of a database without a saved identity.
-- The statement is safe because an existing row is not changed.
insert into hhrecon_identity (id, server, database, name, recorded_at)
values (1, :server, :database, :name, :now)
on conflict (id) do nothing
