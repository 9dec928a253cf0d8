-- +goose Up
-- This table contains the identity of the database to which these tables belong. A copy of the database has another
-- identity.
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

comment on table  hhrecon_identity             is 'One row: the database that these tables belong to. hhrecon migrate writes it, hhrecon adopt changes it.';
comment on column hhrecon_identity.server      is 'system_identifier of pg_control_system(); empty: the user may not read it';
comment on column hhrecon_identity.database    is 'pg_database.oid';
comment on column hhrecon_identity.name        is 'pg_database.datname when it was recorded';
comment on column hhrecon_identity.copy        is 'a person marked it as a copy: hhrecon queries, sends and writes nothing';
comment on column hhrecon_identity.known_run   is 'the last run in the database when a restore was detected';
comment on column hhrecon_identity.shown_run   is 'the last run in the report folder at that time; new runs get higher numbers';
comment on column hhrecon_identity.restored_at is 'when hhrecon last detected that the database is older than the report folder; null: never';
