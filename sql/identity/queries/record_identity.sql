-- Records the identity of a database that has none recorded. Safe: a row that is there stays as it is.
insert into hhrecon_identity (id, server, database, name, recorded_at)
values (1, :server, :database, :name, :now)
on conflict (id) do nothing
