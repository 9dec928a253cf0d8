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

-- A correction is released once, and nothing is undone or decided twice; and what was done about a finding.
create unique index hhrecon_action_once on hhrecon_action (run_id, seq, kind) where kind = 'release' or result in ('none', 'applied');
create index hhrecon_action_run on hhrecon_action (run_id, chain_seq);
create index hhrecon_action_finding on hhrecon_action (run_id, seq, chain_seq);

-- See hhrecon_finding_kept.
create trigger hhrecon_action_kept before update or delete or truncate on hhrecon_action
  for each statement execute function hhrecon_keep();

comment on table  hhrecon_action                      is 'What people did to runs and payins. Never changed once written.';
comment on column hhrecon_action.chain_seq            is 'place in the project''s audit trail, from 1, without gaps; the trail has findings and actions';
comment on column hhrecon_action.kind                 is 'release: wrote a correction of a held run; discard: dropped them; undo: put back what a run wrote; decide: settled a payin that waited for a person';
comment on column hhrecon_action.seq                  is 'of the finding that it rests on; 0: about the whole run';
comment on column hhrecon_action.status_before        is 'the merchant''s row as it was to be found, as all columns of that end; null: about the whole run';
comment on column hhrecon_action.settled_amount_before is 'minor units';
comment on column hhrecon_action.status_after         is 'the merchant''s row as it should be; result says whether it is';
comment on column hhrecon_action.settled_amount_after is 'minor units';
comment on column hhrecon_action.updated_at_after     is 'as the row has it once it was written; null where it was not';
comment on column hhrecon_action.result               is 'applied; superseded: the row was not as it was to be found, and left alone; refused: the merchant''s table would not take it; none: nothing to change';
comment on column hhrecon_action.reason               is 'why the row was left alone, in one sentence';
comment on column hhrecon_action.hash                 is 'SHA-256, in hexadecimal, over the hash of the entry before and all columns';
