-- +goose Up
create table hhrecon_action (
  project_id            text        not null,
  chain_seq             bigint      not null,
  kind                  text        not null check (kind in ('release', 'discard', 'undo', 'decide')),
  run_id                bigint      not null references hhrecon_run (id),
  seq                   bigint      not null,
  payment_id            text        not null,
  currency              text        not null,
  status_before         text,
  sub_status_before     text,
  settled_amount_before bigint,
  updated_at_before     timestamptz,
  status_after          text,
  sub_status_after      text,
  settled_amount_after  bigint,
  updated_at_after      timestamptz,
  result                text        not null check (result in ('none', 'applied', 'superseded', 'refused')),
  reason                text        not null,
  who                   text        not null,
  note                  text        not null,
  acted_at              timestamptz not null,
  hash                  text        not null,
  primary key (project_id, chain_seq)
);

-- These indexes guarantee that a correction is released once, and a finding is undone or decided once. The other
-- indexes are for looking up actions by run or finding.
create unique index hhrecon_action_once on hhrecon_action (run_id, seq, kind) where kind = 'release' or result in ('none', 'applied');
create index hhrecon_action_run on hhrecon_action (run_id, chain_seq);
create index hhrecon_action_finding on hhrecon_action (run_id, seq, chain_seq);

-- This trigger is like hhrecon_finding_kept.
create trigger hhrecon_action_kept before update or delete or truncate on hhrecon_action
  for each statement execute function hhrecon_keep();

comment on table  hhrecon_action                      is 'Actions of people on runs and payins. Never changed once written.';
comment on column hhrecon_action.chain_seq            is 'position in the project''s audit log, from 1, without gaps; the log has findings and actions';
comment on column hhrecon_action.kind                 is 'release: wrote a held correction; discard: dropped held corrections; undo: restored a row that a run corrected; decide: settled a payin that waited for a person';
comment on column hhrecon_action.seq                  is 'position of the finding that the action is about; 0: the whole run';
comment on column hhrecon_action.status_before        is 'the merchant''s row as expected, like all columns that end in _before; null: the whole run';
comment on column hhrecon_action.settled_amount_before is 'minor units';
comment on column hhrecon_action.status_after         is 'the row''s status after the action; column result tells whether it was written';
comment on column hhrecon_action.settled_amount_after is 'minor units';
comment on column hhrecon_action.updated_at_after     is 'the row''s updated_at after writing; null if it was not written';
comment on column hhrecon_action.result               is 'applied; superseded: the row was not as expected, and was not changed; refused: the merchant''s table rejected it; none: nothing to change';
comment on column hhrecon_action.reason               is 'why the row was not changed, in one sentence';
comment on column hhrecon_action.hash                 is 'SHA-256, in hexadecimal, of the hash of the previous entry and all columns';
