-- +goose Up
-- This table contains the versions of the reports that are sent to people. A row never changes.
create table hhrecon_report (
  id          integer primary key,
  base_id     integer not null references hhrecon_report (id), -- the report that this one corrects; its own id if edition is 0
  edition     integer not null, -- 0: the report itself; n: correction n, which contains only differences
  run_id      integer references hhrecon_run (id), -- the reported run; null for a period
  project_id  text    not null, -- empty for all projects
  window_from text,             -- start of a period, which contains runs that started at this time or later
  window_to   text,             -- end of a period, which contains runs that started before this time; the year 9999 means no end
  job         text    not null, -- the job of schedules.yaml that reports the period; empty otherwise
  made_by     text    not null, -- the person who made a report of a run that had none; empty otherwise. Such a report is never corrected
  made_at     text    not null,
  unique (base_id, edition),
  check ((edition = 0) = (base_id = id)),
  check ((run_id is null) = (window_from is not null) and (run_id is null) = (window_to is not null))
) strict;

-- This index guarantees that a run has one published report, even if two processes publish it at the same time. A
-- report made at a person's request is separate.
create unique index hhrecon_report_of_run on hhrecon_report (run_id, (made_by = '')) where run_id is not null;
-- This index guarantees that a job has one base report for a period. Later reports on the period are corrections.
create unique index hhrecon_report_of_period on hhrecon_report (job, project_id, window_from, window_to) where edition = 0 and run_id is null;

-- This table contains the runs that a report version includes. The version's readers know the findings of these runs.
create table hhrecon_report_run (
  report_id integer not null references hhrecon_report (id),
  run_id    integer not null references hhrecon_run (id),
  primary key (report_id, run_id)
) strict;
create index hhrecon_report_run_run on hhrecon_report_run (run_id, report_id);

-- A row is the delivery of one report to one recipient.
create table hhrecon_delivery (
  id            integer primary key autoincrement,
  report_id     integer not null references hhrecon_report (id),
  address       text    not null,
  folded        text    not null, -- the address in lower case
  language      text    not null, -- en, ru or ky; empty is en
  message_id    text    not null unique, -- the same for every attempt, so a mail program can recognise a repeated mail
  state         text    not null check (state in ('waiting', 'sending', 'sent', 'given_up')),
  tries         integer not null default 0, -- attempts, including the current one; with owner_token it identifies the current attempt
  next_at       text    not null, -- when the next attempt is due
  doubtful      integer not null default 0, -- 1 if the mail of an earlier attempt may have arrived
  again_by      text    not null, -- the person who requested the delivery again; empty otherwise
  note          text    not null default '', -- why the last attempt failed
  made_at       text    not null, -- when the delivery was created, or last requested again by a person
  sent_at       text,
  owner_token   text    not null default '', -- the process of the last attempt
  owner_host    text    not null default '',
  owner_pid     integer not null default 0,
  owner_process text    not null default '',
  claimed_at    text,             -- when the last attempt began, by the database's clock
  beat_at       text              -- the last heartbeat of the sending process, by the database's clock
) strict;

-- This index guarantees that a report is sent to each recipient once, unless a person sends it again.
create unique index hhrecon_delivery_once on hhrecon_delivery (report_id, folded) where again_by = '';
create index hhrecon_delivery_due on hhrecon_delivery (state, next_at, id);
