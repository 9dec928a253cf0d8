-- +goose Up
-- This table contains HighHelp's alerts, as received and verified. An alert changes no row of the merchant. It makes a
-- run query the alert's payin.
create table hhrecon_alert (
  id             integer primary key autoincrement,
  project_id     text    not null,
  payment_id     text    not null, -- empty if the alert is unreadable
  status         text    not null,
  sub_status     text    not null,
  alert_key      text    not null, -- HighHelp's key for duplicates; it does not cover the amount
  version        text    not null, -- distinguishes versions with the same key: a digest of payment_info, or of the whole body
  body           blob    not null, -- the bytes as received
  sent_timestamp text    not null, -- the timestamp header that the signature covers
  signature      text    not null,
  received_at    text    not null,
  state          text    not null check (state in ('waiting', 'done', 'no_payin', 'unreadable')),
  run_id         integer references hhrecon_run (id), -- the run that queried the alert's payin; null before that
  note           text    not null,
  repeats        integer not null default 0,  -- number of exact duplicates received later
  saved_by       text    not null,            -- identifies the request that saved the alert, so a retry of the request is not a duplicate
  repeated_by    text    not null default '', -- identifies the request that counted the last duplicate
  unique (project_id, alert_key, version)
) strict;

create index hhrecon_alert_waiting on hhrecon_alert (project_id, id) where state = 'waiting';
create index hhrecon_alert_payin on hhrecon_alert (payment_id);
create index hhrecon_alert_state on hhrecon_alert (project_id, state, received_at);

-- Alerts start many small runs. With this index, runs over all open payins are found without reading the small ones.
create index hhrecon_run_whole on hhrecon_run (project_id, id) where whole;
