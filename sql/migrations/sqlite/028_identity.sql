-- +goose Up
-- This table contains the identity of the database to which these tables belong. A copy of the database has another
-- identity. The table has one row, which "hhrecon migrate" adds and "hhrecon adopt" changes.
create table hhrecon_identity (
  id          integer primary key check (id = 1),
  server      text    not null, -- the file's inode and time of creation; empty if the system does not provide them
  "database"  text    not null, -- the file's path
  name        text    not null, -- always empty in SQLite
  copy        integer not null default 0, -- 1 if a person declared this database a copy; hhrecon then queries, sends and writes nothing
  recorded_at text    not null,
  known_run   integer not null default 0, -- the last run in the database when a restore was detected
  shown_run   integer not null default 0, -- the last run in the report folder at that time; new runs get higher numbers
  restored_at text    -- when hhrecon last detected that the database is older than the report folder; null if never
);

-- This row makes it possible to advance the run number before the first run.
insert into sqlite_sequence (name, seq)
select 'hhrecon_run', 0
where not exists (select 1 from sqlite_sequence where name = 'hhrecon_run');
