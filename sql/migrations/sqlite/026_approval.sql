-- +goose Up
-- User names are case-insensitive.
create unique index hhrecon_user_lower_name on hhrecon_user (lower(name));

-- This table contains the tokens that identify users on the command line.
create table hhrecon_token (
  token_hash text primary key, -- SHA-256, in hexadecimal, of the token; the digest cannot be used to sign in
  name       text not null,
  user_seal  text not null,    -- digest of the user's password hash; a new password therefore revokes the token
  added_at   text not null,
  expires_at text not null
) strict;

-- This index contains recent actions and proposals of people.
create index hhrecon_action_recent on hhrecon_action (project_id, acted_at);
