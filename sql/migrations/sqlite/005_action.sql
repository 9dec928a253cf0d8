-- +goose Up
-- This table contains the actions of people on runs and payins. A row never changes.
create table hhrecon_action (
  project_id            text    not null,
  chain_seq             integer not null, -- position in the project's audit log, from 1, without gaps; the log has findings and actions
  kind                  text    not null check (kind in ('release', 'discard', 'undo', 'decide')),
  run_id                integer not null references hhrecon_run (id),
  seq                   integer not null, -- position of the finding that the action is about; 0 if the action is about all of the run
  payment_id            text    not null,
  currency              text    not null,
  status_before         text,             -- the row's expected status; the next columns up to updated_at_before also contain the expected row; null if seq is 0
  sub_status_before     text,
  settled_amount_before integer,          -- minor units
  updated_at_before     text,
  status_after          text,             -- the row's status after the action; column result says whether it was written
  sub_status_after      text,
  settled_amount_after  integer,          -- minor units
  updated_at_after      text,             -- the row's updated_at after writing; null if it was not written
  result                text    not null check (result in ('none', 'applied', 'superseded', 'refused')),
  reason                text    not null, -- why the row was not changed, in one sentence
  who                   text    not null,
  note                  text    not null,
  acted_at              text    not null,
  hash                  text    not null, -- SHA-256, in hexadecimal, of the hash of the previous entry and all columns
  primary key (project_id, chain_seq)
) strict;

-- These indexes guarantee that a correction is released once, and a finding is undone or decided once. The other
-- indexes are for looking up actions by run or finding.
create unique index hhrecon_action_once on hhrecon_action (run_id, seq, kind) where kind = 'release' or result in ('none', 'applied');
create index hhrecon_action_run on hhrecon_action (run_id, chain_seq);
create index hhrecon_action_finding on hhrecon_action (run_id, seq, chain_seq);

-- This trigger is like hhrecon_finding_kept.
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
