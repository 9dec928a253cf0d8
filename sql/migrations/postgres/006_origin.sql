-- +goose Up
alter table hhrecon_run
  add column origin  text not null default 'command' check (origin in ('command', 'schedule', 'page', 'alert')),
  add column begun_by text not null default '',
  add column due     text not null default '',
  add column stop_by text not null default '';

-- This index is what keeps a project from a second run for one due time.
create unique index hhrecon_run_due on hhrecon_run (project_id, due) where due <> '';

comment on column hhrecon_run.origin   is 'what began it: command, schedule, page or alert';
comment on column hhrecon_run.begun_by is 'the person who began it; empty for a schedule or an alert';
comment on column hhrecon_run.due      is 'the due time that it is for: the job''s name and RFC 3339 in UTC; empty for none';
comment on column hhrecon_run.stop_by  is 'the person who asked for its stop; empty again once it is resumed';
