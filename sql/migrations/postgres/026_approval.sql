-- +goose Up
-- Names of users compare in any case of letters.
create unique index hhrecon_user_lower_name on hhrecon_user (lower(name));

-- Tokens by which users prove on the command line who they are.
create table hhrecon_token (
  token_hash text        primary key,
  name       text        not null,
  user_seal  text        not null,
  added_at   timestamptz not null,
  expires_at timestamptz not null
);
comment on table  hhrecon_token            is 'Tokens by which users prove on the command line who they are.';
comment on column hhrecon_token.token_hash is 'SHA-256 of the token, in hexadecimal: what is here lets no person in';
comment on column hhrecon_token.user_seal  is 'digest of the hash of the user''s password: another password ends the token';

-- What people did lately, and what they propose.
create index hhrecon_action_recent on hhrecon_action (project_id, acted_at);

comment on column hhrecon_action.kind  is 'release: wrote a correction of a held run; discard: dropped them; undo: restored what a run wrote; decide: settled a payin that waited for a person; undo_decision: restored what a decision wrote; abandon: gave up an interrupted run; propose: asked a second person to approve one of these';
comment on column hhrecon_action.facts is 'JSON: by which way and account the person came (via, identity), what is proposed (proposes), and which proposal was approved by whom (proposal, approved_by)';
