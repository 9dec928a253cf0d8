-- +goose Up
-- Alerts with the same signed text are duplicates, even if their bodies have different formats. Duplicates are no
-- longer saved.
alter table hhrecon_alert
  drop constraint hhrecon_alert_project_id_alert_key_version_key,
  drop column alert_key,
  drop column version,
  drop column repeats,
  drop column repeated_by,
  alter column body drop not null,
  add column text_digest    text,
  add column amount         bigint,
  add column old_amount     bigint,
  add column initial_amount bigint,
  add constraint hhrecon_alert_text unique (project_id, text_digest);

comment on column hhrecon_alert.body           is 'the bytes as received; null if it is not kept';
comment on column hhrecon_alert.text_digest    is 'SHA-256 of the signed text without the timestamp, in hex; null for alerts before this column';
comment on column hhrecon_alert.amount         is 'the alert''s amount, in minor units; 0 or null if it has none';
comment on column hhrecon_alert.old_amount     is 'like amount';
comment on column hhrecon_alert.initial_amount is 'like amount';
comment on column hhrecon_alert.saved_by       is 'identifies the request that saved the alert: its retry is not a duplicate';
