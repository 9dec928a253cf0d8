-- +goose Up
-- This table contains the people who sign in to the web page.
create table hhrecon_user (
  name     text primary key,
  role     text not null check (role in ('viewer', 'finance', 'admin')),
  hash     text not null, -- hash of the password, as argon2id in PHC format
  added_at text not null
) strict;

-- This table contains the sessions of people who are signed in to the web page.
create table hhrecon_session (
  token_hash text primary key, -- SHA-256, in hexadecimal, of the cookie's token; the digest cannot be used to sign in
  data       blob not null,
  expires_at text not null
) strict;

create index hhrecon_session_expires on hhrecon_session (expires_at);
