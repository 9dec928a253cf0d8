-- +goose Up
-- What people did to runs and payins. Never changed once written.
create table hhrecon_action (
  project_id            text    not null,
  chain_seq             integer not null, -- place in the project's audit trail, from 1, without gaps; the trail has findings and actions
  kind                  text    not null check (kind in ('release', 'discard', 'undo', 'decide')),
  run_id                integer not null references hhrecon_run (id),
  seq                   integer not null, -- of the finding that it rests on; 0: about the whole run
  payment_id            text    not null,
  currency              text    not null,
  status_before         text,             -- the merchant's row as it was to be found, down to updated_at_before; null: about the whole run
  sub_status_before     text,
  settled_amount_before integer,          -- minor units
  updated_at_before     text,
  status_after          text,             -- the merchant's row as it should be; result says whether it is
  sub_status_after      text,
  settled_amount_after  integer,          -- minor units
  updated_at_after      text,             -- as the row has it once it was written; null where it was not
  result                text    not null check (result in ('none', 'applied', 'superseded', 'refused')),
  reason                text    not null, -- why the row was left alone, in one sentence
  who                   text    not null,
  note                  text    not null,
  acted_at              text    not null,
  hash                  text    not null, -- SHA-256, in hexadecimal, over the hash of the entry before and all columns
  primary key (project_id, chain_seq)
) strict;

-- A correction is released once, and nothing is undone or decided twice; and what was done about a finding.
create unique index hhrecon_action_once on hhrecon_action (run_id, seq, kind) where kind = 'release' or result in ('none', 'applied');
create index hhrecon_action_run on hhrecon_action (run_id, chain_seq);
create index hhrecon_action_finding on hhrecon_action (run_id, seq, chain_seq);

-- See hhrecon_finding_kept.
-- +goose StatementBegin
create trigger hhrecon_action_unchanged before update on hhrecon_action
begin
  select raise(abort, 'hhrecon_action is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger hhrecon_action_kept before delete on hhrecon_action
begin
  select raise(abort, 'hhrecon_action is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
