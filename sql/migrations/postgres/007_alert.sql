-- +goose Up
create table hhrecon_alert (
  id             bigint generated always as identity primary key,
  project_id     text        not null,
  payment_id     text        not null,
  status         text        not null,
  sub_status     text        not null,
  alert_key      text        not null,
  version        text        not null,
  body           bytea       not null,
  sent_timestamp text        not null,
  signature      text        not null,
  received_at    timestamptz not null,
  state          text        not null check (state in ('waiting', 'done', 'no_payin', 'unreadable')),
  run_id         bigint      references hhrecon_run (id),
  note           text        not null,
  repeats        bigint      not null default 0,
  saved_by       text        not null,
  repeated_by    text        not null default '',
  unique (project_id, alert_key, version)
);

create index hhrecon_alert_waiting on hhrecon_alert (project_id, id) where state = 'waiting';
create index hhrecon_alert_payin on hhrecon_alert using hash (payment_id);
create index hhrecon_alert_state on hhrecon_alert (project_id, state, received_at);

-- Alerts start many small runs. With this index, runs over all open payins are found without reading the small ones.
create index hhrecon_run_whole on hhrecon_run (project_id, id) where whole;

comment on table  hhrecon_alert                is 'HighHelp''s alerts, as received and verified. An alert changes no row: it makes a run query its payin.';
comment on column hhrecon_alert.payment_id     is 'empty if the alert is unreadable';
comment on column hhrecon_alert.alert_key      is 'HighHelp''s key for duplicates; it does not cover the amount';
comment on column hhrecon_alert.version        is 'distinguishes versions with the same key: a digest of payment_info, or of the whole body';
comment on column hhrecon_alert.body           is 'the bytes as received';
comment on column hhrecon_alert.sent_timestamp is 'the timestamp header that the signature covers';
comment on column hhrecon_alert.state          is 'waiting: no run has queried its payin yet; done: a run has; no_payin: the merchant''s table has no such payin; unreadable: the signature is valid, but the body does not describe a payin in a known form';
comment on column hhrecon_alert.run_id         is 'the run that queried its payin; null before';
comment on column hhrecon_alert.repeats        is 'number of exact duplicates received later';
comment on column hhrecon_alert.saved_by       is 'identifies the request that saved the alert: its retry is not a duplicate';
comment on column hhrecon_alert.repeated_by    is 'identifies the request that counted the last duplicate';
