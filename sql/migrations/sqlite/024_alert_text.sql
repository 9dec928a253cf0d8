-- +goose Up
-- Alerts with the same signed text are duplicates, even if their bodies have different formats. Duplicates are no
-- longer saved.
create table hhrecon_alert_new (
  id             integer primary key autoincrement,
  project_id     text    not null,
  payment_id     text    not null, -- empty if the alert is unreadable
  status         text    not null,
  sub_status     text    not null,
  amount         integer,          -- the alert's amount, in minor units; 0 or null if it has none
  old_amount     integer,
  initial_amount integer,
  text_digest    text,             -- SHA-256 of the signed text without the timestamp, in hex; null for alerts before this column
  body           blob,             -- the bytes as received; null if it is not kept
  sent_timestamp text    not null, -- the timestamp header that the signature covers
  signature      text    not null,
  received_at    text    not null,
  state          text    not null check (state in ('waiting', 'done', 'no_payin', 'unreadable')),
  run_id         integer references hhrecon_run (id), -- the run that queried the alert's payin; null before that
  note           text    not null,
  saved_by       text    not null, -- identifies the request that saved the alert, so a retry of the request is not a duplicate
  unique (project_id, text_digest)
) strict;

insert into hhrecon_alert_new (
  id, project_id, payment_id, status, sub_status, body, sent_timestamp, signature, received_at, state, run_id, note, saved_by
)
select id, project_id, payment_id, status, sub_status, body, sent_timestamp, signature, received_at, state, run_id, note, saved_by
from hhrecon_alert
order by id;

drop table hhrecon_alert;
alter table hhrecon_alert_new rename to hhrecon_alert;

create index hhrecon_alert_waiting on hhrecon_alert (project_id, id) where state = 'waiting';
create index hhrecon_alert_payin on hhrecon_alert (payment_id);
create index hhrecon_alert_state on hhrecon_alert (project_id, state, received_at);
create index hhrecon_alert_run on hhrecon_alert (run_id) where run_id is not null;
create index hhrecon_alert_age on hhrecon_alert (project_id, received_at) where state <> 'waiting';
