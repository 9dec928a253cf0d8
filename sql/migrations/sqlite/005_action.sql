-- +goose Up
-- Actions of people on runs and payins. Never changed once written.
create table hhrecon_action (
  project_id            text    not null,
  chain_seq             integer not null, -- position in the project's audit log, from 1, without gaps; the log has findings and actions
  kind                  text    not null check (kind in ('release', 'discard', 'undo', 'decide')),
  run_id                integer not null references hhrecon_run (id),
  seq                   integer not null, -- position of the finding that the action is about; 0: the whole run
  payment_id            text    not null,
  currency              text    not null,
  status_before         text,             -- the merchant's row as expected, like the next columns up to updated_at_before; null: the whole run
  sub_status_before     text,
  settled_amount_before integer,          -- minor units
  updated_at_before     text,
  status_after          text,             -- the row's status after the action; column result tells whether it was written
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

-- A correction is released once, and a finding is undone or decided once. The other indexes find actions by run or finding.
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
