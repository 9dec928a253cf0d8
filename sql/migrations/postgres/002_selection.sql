-- +goose Up
-- The columns of the merchant's row may be null here, because selection_faults.sql names the faulty payin and query
-- better than a constraint. There is no foreign key, because every writer holds a lock on the run's row.
-- A person's action about run N is stored under run_id -N, within one transaction only.
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

comment on table  hhrecon_selection                      is 'Working data of runs that are not closed: the selected payins and their verdicts.';
comment on column hhrecon_selection.seq                  is 'position in the run, from 1: first the payins that the last run did not query, then by created_at';
comment on column hhrecon_selection.query                is 'which query selected it: open_payins.sql or final_payins.sql';
comment on column hhrecon_selection.amount               is 'the merchant''s amount in minor units; this and the next columns are the merchant''s row as read';
comment on column hhrecon_selection.lifetime             is 'seconds';
comment on column hhrecon_selection.outcome              is 'null until the payin is judged, like all columns after it';
comment on column hhrecon_selection.paid_amount          is 'the amount that the customer paid according to HighHelp, in minor units';
comment on column hhrecon_selection.status_after         is 'the status that a correction writes; the row''s status if nothing changes';
comment on column hhrecon_selection.changes              is 'a correction is planned';
comment on column hhrecon_selection.harmful              is 'the correction is to decline, error or dispute';
comment on column hhrecon_selection.updated_at_after     is 'the new updated_at; null: the time of writing. Set only to restore a row';
