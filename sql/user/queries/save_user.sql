-- Adds a user, or changes the role and the password hash of an existing user.
-- The statement is safe because the name is the key.
insert into hhrecon_user (name, role, hash, added_at)
values (:name, :role, :hash, :added_at)
on conflict (name) do update set role = excluded.role, hash = excluded.hash
