-- +goose Up
-- What people are sent, in one edition. Never changed once written.
create table hhrecon_report (
  id          integer primary key,
  base_id     integer not null references hhrecon_report (id), -- the report that it corrects; its own id where edition is 0
  edition     integer not null, -- 0: the report itself; n: correction n, which has the differences only
  run_id      integer references hhrecon_run (id), -- the run that it is about; null for a period
  project_id  text    not null, -- empty for all projects
  window_from text,             -- of a period: runs that started at or after this …
  window_to   text,             -- … and before this; the year 9999 for no end
  job         text    not null, -- of schedules.yaml, whose period it is; empty otherwise
  made_by     text    not null, -- who had a report sent by hand of a run that had none; empty otherwise. No correction is made to it
  made_at     text    not null,
  unique (base_id, edition),
  check ((edition = 0) = (base_id = id)),
  check ((run_id is null) = (window_from is not null) and (run_id is null) = (window_to is not null))
) strict;

-- A run is announced once, whoever else announces it at the same time; what a person has made of it beside stands apart.
create unique index hhrecon_report_of_run on hhrecon_report (run_id, (made_by = '')) where run_id is not null;
-- A job reports a period once; what comes after is a correction to it.
create unique index hhrecon_report_of_period on hhrecon_report (job, project_id, window_from, window_to) where edition = 0 and run_id is null;

-- Which runs an edition covers: what they say its readers have been told.
create table hhrecon_report_run (
  report_id integer not null references hhrecon_report (id),
  run_id    integer not null references hhrecon_run (id),
  primary key (report_id, run_id)
) strict;
create index hhrecon_report_run_run on hhrecon_report_run (run_id, report_id);

-- One report's way to one recipient.
create table hhrecon_delivery (
  id            integer primary key autoincrement,
  report_id     integer not null references hhrecon_report (id),
  address       text    not null,
  folded        text    not null, -- the address in lower case
  language      text    not null, -- en, ru or ky; empty is en
  message_id    text    not null unique, -- the same for every try, so that readers can tell a repetition
  state         text    not null check (state in ('waiting', 'sending', 'sent', 'given_up')),
  tries         integer not null default 0, -- begun, the present one among them; with owner_token the right to end it
  next_at       text    not null, -- when a waiting one is to be tried
  doubtful      integer not null default 0, -- an earlier try may have arrived
  again_by      text    not null, -- who had it sent again by hand; empty otherwise
  note          text    not null default '', -- why the last try failed
  made_at       text    not null, -- when it was noted, or last wanted again by hand
  sent_at       text,
  owner_token   text    not null default '', -- the process that tried last
  owner_host    text    not null default '',
  owner_pid     integer not null default 0,
  owner_process text    not null default '',
  claimed_at    text,             -- when the last try began, by the database's clock
  beat_at       text              -- the last sign of life of who tries, by the database's clock
) strict;

-- A report goes to each recipient once, unless a person has it sent again.
create unique index hhrecon_delivery_once on hhrecon_delivery (report_id, folded) where again_by = '';
create index hhrecon_delivery_due on hhrecon_delivery (state, next_at, id);
