-- +goose Up
alter table hhrecon_run
  add column origin  text not null default 'command' check (origin in ('command', 'schedule', 'page', 'alert')),
  add column begun_by text not null default '',
  add column due     text not null default '',
  add column stop_by text not null default '';

-- This index guarantees that a project has at most one run for a scheduled time.
create unique index hhrecon_run_due on hhrecon_run (project_id, due) where due <> '';

comment on column hhrecon_run.origin   is 'what started the run: command, schedule, page or alert';
comment on column hhrecon_run.begun_by is 'the person who started the run; empty for a schedule or an alert';
comment on column hhrecon_run.due      is 'the scheduled time that the run is for: the job''s name and the time in RFC 3339, UTC; empty: none';
comment on column hhrecon_run.stop_by  is 'the person who requested a stop; empty again when the run is resumed';
