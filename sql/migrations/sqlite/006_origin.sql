-- +goose Up
alter table hhrecon_run add column origin text not null default 'command' check (origin in ('command', 'schedule', 'page', 'alert')); -- what started the run
alter table hhrecon_run add column begun_by text not null default ''; -- the person who started the run; empty for a schedule or an alert
alter table hhrecon_run add column due text not null default ''; -- the run's scheduled time: the job's name and the time in RFC 3339, UTC; empty if there is none
alter table hhrecon_run add column stop_by text not null default ''; -- the person who requested a stop; empty again when the run is resumed

-- This index guarantees that a project has at most one run for a scheduled time.
create unique index hhrecon_run_due on hhrecon_run (project_id, due) where due <> '';
