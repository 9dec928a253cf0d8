-- +goose Up
-- The identity of the database that these tables belong to; a copy has another one. One row: hhrecon migrate writes it,
-- hhrecon adopt changes it.
create table hhrecon_identity (
  id          integer primary key check (id = 1),
  server      text    not null, -- the file's inode and time of creation; empty: the system does not provide them
  "database"  text    not null, -- the file's path
  name        text    not null, -- empty
  copy        integer not null default 0, -- a person marked it as a copy: hhrecon queries, sends and writes nothing
  recorded_at text    not null,
  known_run   integer not null default 0, -- the last run in the database when a restore was detected
  shown_run   integer not null default 0, -- the last run in the report folder at that time; new runs get higher numbers
  restored_at text    -- when hhrecon last detected that the database is older than the report folder; null: never
);

-- Lets the run number be advanced before the first run.
insert into sqlite_sequence (name, seq)
select 'hhrecon_run', 0
where not exists (select 1 from sqlite_sequence where name = 'hhrecon_run');
