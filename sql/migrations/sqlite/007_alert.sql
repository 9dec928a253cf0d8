-- +goose Up
-- HighHelp's messages as they were received and proved. They change no row by themselves: they have their payins
-- asked about.
create table hhrecon_alert (
  id             integer primary key autoincrement,
  project_id     text    not null,
  payment_id     text    not null, -- empty where the alert is unreadable
  status         text    not null,
  sub_status     text    not null,
  alert_key      text    not null, -- HighHelp's own key of duplicates; it has no amount
  version        text    not null, -- tells versions under one key apart: a digest of payment_info, or of all
  body           blob    not null, -- as received, to the byte
  sent_timestamp text    not null, -- the header that the signature covers
  signature      text    not null,
  received_at    text    not null,
  state          text    not null check (state in ('waiting', 'done', 'no_payin', 'unreadable')),
  run_id         integer references hhrecon_run (id), -- that asked about its payin; null before
  note           text    not null,
  repeats        integer not null default 0,  -- exact duplicates that came after it
  saved_by       text    not null,            -- the saving that wrote it, so that one that is tried again is no repetition
  repeated_by    text    not null default '', -- the saving that counted the last repetition
  unique (project_id, alert_key, version)
) strict;

create index hhrecon_alert_waiting on hhrecon_alert (project_id, id) where state = 'waiting';
create index hhrecon_alert_payin on hhrecon_alert (payment_id);
create index hhrecon_alert_state on hhrecon_alert (project_id, state, received_at);

-- Alerts begin many small runs; the whole ones are found without reading those.
create index hhrecon_run_whole on hhrecon_run (project_id, id) where whole;
