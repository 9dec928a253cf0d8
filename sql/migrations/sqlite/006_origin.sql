-- +goose Up
alter table hhrecon_run add column origin text not null default 'command' check (origin in ('command', 'schedule', 'page', 'alert')); -- what began it
alter table hhrecon_run add column begun_by text not null default ''; -- the person who began it; empty for a schedule or an alert
alter table hhrecon_run add column due text not null default ''; -- the due time that it is for: the job's name and RFC 3339 in UTC; empty for none
alter table hhrecon_run add column stop_by text not null default ''; -- the person who asked for its stop; empty again once it is resumed

-- This index is what keeps a project from a second run for one due time.
create unique index hhrecon_run_due on hhrecon_run (project_id, due) where due <> '';
