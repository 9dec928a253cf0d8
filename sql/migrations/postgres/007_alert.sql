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

-- Alerts begin many small runs; the whole ones are found without reading those.
create index hhrecon_run_whole on hhrecon_run (project_id, id) where whole;

comment on table  hhrecon_alert                is 'HighHelp''s messages as they were received and proved. They change no row by themselves: they have their payins asked about.';
comment on column hhrecon_alert.payment_id     is 'empty where the alert is unreadable';
comment on column hhrecon_alert.alert_key      is 'HighHelp''s own key of duplicates; it has no amount';
comment on column hhrecon_alert.version        is 'tells versions under one key apart: a digest of payment_info, or of all';
comment on column hhrecon_alert.body           is 'as received, to the byte';
comment on column hhrecon_alert.sent_timestamp is 'the header that the signature covers';
comment on column hhrecon_alert.state          is 'waiting: its payin is to be asked about; done: a run has; no_payin: the merchant''s table has none of its id; unreadable: rightly signed, but not about a payin in a known form';
comment on column hhrecon_alert.run_id         is 'that asked about its payin; null before';
comment on column hhrecon_alert.repeats        is 'exact duplicates that came after it';
comment on column hhrecon_alert.saved_by       is 'the saving that wrote it, so that one that is tried again is no repetition';
comment on column hhrecon_alert.repeated_by    is 'the saving that counted the last repetition';
