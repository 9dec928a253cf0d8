-- +goose Up
create table hhrecon_user (
  name     text        primary key,
  role     text        not null check (role in ('viewer', 'finance', 'admin')),
  hash     text        not null,
  added_at timestamptz not null
);

create table hhrecon_session (
  token_hash text        primary key,
  data       bytea       not null,
  expires_at timestamptz not null
);

create index hhrecon_session_expires on hhrecon_session (expires_at);

comment on table  hhrecon_user               is 'The people who sign in to the page.';
comment on column hhrecon_user.hash          is 'hash of the password: argon2id in PHC format';
comment on table  hhrecon_session            is 'Sessions of people who are signed in to the page.';
comment on column hhrecon_session.token_hash is 'SHA-256, in hexadecimal, of the cookie''s token; the digest cannot be used to sign in';
