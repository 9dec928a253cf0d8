-- +goose Up
-- Names of users compare in any case of letters.
create unique index hhrecon_user_lower_name on hhrecon_user (lower(name));

-- Tokens by which users prove on the command line who they are.
create table hhrecon_token (
  token_hash text primary key, -- SHA-256 of the token, in hexadecimal: what is here lets no person in
  name       text not null,
  user_seal  text not null,    -- digest of the hash of the user's password: another password ends the token
  added_at   text not null,
  expires_at text not null
) strict;

-- What people did lately, and what they propose.
create index hhrecon_action_recent on hhrecon_action (project_id, acted_at);
