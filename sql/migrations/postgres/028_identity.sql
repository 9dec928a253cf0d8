-- +goose Up
-- Which database these tables are those of: in a copy it is another one.
create table hhrecon_identity (
  id          bigint      primary key check (id = 1),
  server      text        not null,
  database    text        not null,
  name        text        not null,
  copy        boolean     not null default false,
  recorded_at timestamptz not null,
  known_run   bigint      not null default 0,
  shown_run   bigint      not null default 0,
  restored_at timestamptz
);

comment on table  hhrecon_identity             is 'One row: the database that these tables are those of. hhrecon migrate writes it, hhrecon adopt changes it.';
comment on column hhrecon_identity.server      is 'system_identifier of pg_control_system(); empty: the user may not read it';
comment on column hhrecon_identity.database    is 'pg_database.oid';
comment on column hhrecon_identity.name        is 'pg_database.datname when it was recorded';
comment on column hhrecon_identity.copy        is 'a person said that it is a copy: nothing is asked, sent or written';
comment on column hhrecon_identity.known_run   is 'the last run in the database when a restore was noticed';
comment on column hhrecon_identity.shown_run   is 'the last run that the report folder showed then; its number and those before it are not given to new runs';
comment on column hhrecon_identity.restored_at is 'when it was noticed last that the database is older than the report folder; null: never';
