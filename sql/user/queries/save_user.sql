-- Adds a user, or changes one. Safe: the name decides; who was added when stays as it was.
insert into hhrecon_user (name, role, hash, added_at)
values (:name, :role, :hash, :added_at)
on conflict (name) do update set role = excluded.role, hash = excluded.hash
