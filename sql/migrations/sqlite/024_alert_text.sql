-- +goose Up
-- The same signed text is the same alert, in whatever form its body comes. What a duplicate brings is not written any more.
-- SQLite drops no unique constraint, so the table is written again.
create table hhrecon_alert_new (
  id             integer primary key autoincrement,
  project_id     text    not null,
  payment_id     text    not null, -- empty where the alert is unreadable
  status         text    not null,
  sub_status     text    not null,
  amount         integer,          -- what the alert says, in minor units; 0 or null if it says none
  old_amount     integer,
  initial_amount integer,
  text_digest    text,             -- SHA-256 of the signed text without the timestamp, in hex; null for alerts before this column
  body           blob,             -- as received, to the byte; null if it is not kept
  sent_timestamp text    not null, -- the header that the signature covers
  signature      text    not null,
  received_at    text    not null,
  state          text    not null check (state in ('waiting', 'done', 'no_payin', 'unreadable')),
  run_id         integer references hhrecon_run (id), -- that asked about its payin; null before
  note           text    not null,
  saved_by       text    not null, -- the saving that wrote it: one that is tried again is no duplicate
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
