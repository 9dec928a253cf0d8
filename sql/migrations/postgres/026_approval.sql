-- +goose Up
-- User names are case-insensitive.
create unique index hhrecon_user_lower_name on hhrecon_user (lower(name));

-- This table contains the tokens that identify users on the command line.
create table hhrecon_token (
  token_hash text        primary key,
  name       text        not null,
  user_seal  text        not null,
  added_at   timestamptz not null,
  expires_at timestamptz not null
);
comment on table  hhrecon_token            is 'Tokens that identify users on the command line.';
comment on column hhrecon_token.token_hash is 'SHA-256, in hexadecimal, of the token; the digest cannot be used to sign in';
comment on column hhrecon_token.user_seal  is 'digest of the user''s password hash: a new password revokes the token';

-- This index contains recent actions and proposals of people.
create index hhrecon_action_recent on hhrecon_action (project_id, acted_at);

comment on column hhrecon_action.kind  is 'release: wrote a held correction; discard: dropped held corrections; undo: restored a row that a run corrected; decide: settled a payin that waited for a person; undo_decision: restored a row that a decision changed; abandon: gave up an interrupted run; propose: asked a second person to approve one of these';
comment on column hhrecon_action.facts is 'JSON: how the person was identified (via, identity), what is proposed (proposes), and which proposal was approved by whom (proposal, approved_by)';
