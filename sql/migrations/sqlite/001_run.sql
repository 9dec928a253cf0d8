-- +goose Up
-- A row is a run, which is one check of a project's open payins. Times are UTC text of fixed width, so they sort as
-- times.
create table hhrecon_run (
  id            integer primary key autoincrement,
  project_id    text    not null,
  state         text    not null check (state in ('running', 'interrupted', 'complete', 'held', 'released', 'discarded')),
  dry_run       integer not null, -- findings are saved, but no row is corrected
  whole         integer not null, -- the run covers all open payins in the project's time window; 0 if a person chose payins or another window
  window_from   text    not null, -- start of the time window of created_at, inclusive
  window_to     text    not null, -- end of the time window of created_at, exclusive
  rules         text    not null, -- JSON; the project's settings for judging payins when the run opened
  started_at    text    not null, -- the time that the run uses for all its payins
  closed_at     text,
  owner_token   text    not null, -- the process that may write to this run
  owner_host    text    not null,
  owner_pid     integer not null,
  owner_process text    not null, -- distinguishes the process from a later one with the same host and pid
  beat_at       text    not null, -- the owner's last heartbeat, by the database's clock
  selected      integer not null default 0, -- number of selected payins, open and rechecked
  unresolved    integer not null default 0, -- number of open payins that became older than the time window
  answered      integer not null default 0, -- number of payins that HighHelp answered; set with decision
  open          integer not null default 0, -- number of answered payins that a correction could change; set with decision
  changes       integer not null default 0, -- number of planned corrections; set with decision
  harmful       integer not null default 0, -- number of planned corrections to decline, error or dispute; set with decision
  harmful_sum   integer not null default 0, -- sum of the merchant's amounts of the harmful corrections, in minor units
  decision      text    not null default '' check (decision in ('', 'applied', 'dry_run', 'held')), -- empty until the run decides
  note          text    not null default '', -- why the run was held; set with decision
  broken        text    not null default ''  -- why the run was last interrupted
) strict;

-- This index guarantees that a project has at most one running run. Other checks only return a clearer error.
create unique index hhrecon_run_one_running on hhrecon_run (project_id) where state = 'running';
