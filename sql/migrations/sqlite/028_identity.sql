-- +goose Up
-- Which database these tables are those of: in a copy it is another one. One row: hhrecon migrate writes it, hhrecon adopt
-- changes it.
create table hhrecon_identity (
  id          integer primary key check (id = 1),
  server      text    not null, -- the file's inode and time of creation; empty: the system does not tell
  "database"  text    not null, -- the file's path
  name        text    not null, -- empty
  copy        integer not null default 0, -- a person said that it is a copy: nothing is asked, sent or written
  recorded_at text    not null,
  known_run   integer not null default 0, -- the last run in the database when a restore was noticed
  shown_run   integer not null default 0, -- the last run that the report folder showed then; no new run gets a number up to it
  restored_at text    -- when it was noticed last that the database is older than the report folder; null: never
);

-- So that the numbers of runs can be moved on before there is a run.
insert into sqlite_sequence (name, seq)
select 'hhrecon_run', 0
where not exists (select 1 from sqlite_sequence where name = 'hhrecon_run');
