-- +goose Up
-- The snapshot's columns may be null here, because selection_faults.sql says better than a
-- constraint which payin of which query is at fault. No foreign key: every writer holds the run's row.
-- What a person orders about run N stands here under the run_id -N, inside one transaction only.
create table hhrecon_selection (
  run_id         bigint not null,
  seq            bigint not null,
  query          text   not null,
  project_id     text,
  payment_id     text,
  amount         bigint,
  currency       text,
  status         text,
  sub_status     text,
  settled_amount bigint,
  lifetime       bigint,
  created_at     timestamptz,
  updated_at     timestamptz,

  outcome              text,
  causes               text,
  initial_amount       bigint,
  old_amount           bigint,
  paid_amount          bigint,
  provider_status      text,
  provider_sub_status  text,
  request_id           text,
  expires_at           timestamptz,
  status_after         text,
  sub_status_after     text,
  settled_amount_after bigint,
  changes              boolean,
  harmful              boolean,
  result               text,
  answer               text,
  reason               text,
  checked_at           timestamptz,
  updated_at_after     timestamptz,
  primary key (run_id, seq)
);

comment on table  hhrecon_selection                      is 'Working memory of the runs that are not closed: the payins selected, and the verdicts on them.';
comment on column hhrecon_selection.seq                  is 'place in the run, from 1: those that were not asked about last time first, then by created_at';
comment on column hhrecon_selection.query                is 'which query selected it: open_payins.sql or final_payins.sql';
comment on column hhrecon_selection.amount               is 'the merchant''s, in minor units; this and the next columns are the merchant''s row as it was read';
comment on column hhrecon_selection.lifetime             is 'seconds';
comment on column hhrecon_selection.outcome              is 'null until judged, as all columns after it';
comment on column hhrecon_selection.paid_amount          is 'what the customer really paid, as far as HighHelp knows, in minor units';
comment on column hhrecon_selection.status_after         is 'what a correction writes; the row''s own where nothing changes';
comment on column hhrecon_selection.changes              is 'there is something to correct';
comment on column hhrecon_selection.harmful              is 'a correction into decline, error or dispute';
comment on column hhrecon_selection.updated_at_after     is 'what updated_at becomes; null: the moment of writing. Set only to put a row back';
