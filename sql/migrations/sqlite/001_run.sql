-- +goose Up
-- A run: one check of a project's open payins. Times are UTC text of fixed width, so that they sort.
create table hhrecon_run (
  id            integer primary key autoincrement,
  project_id    text    not null,
  state         text    not null check (state in ('running', 'interrupted', 'complete', 'held', 'released', 'discarded')),
  dry_run       integer not null, -- findings are saved, but no row is corrected
  whole         integer not null, -- the run covers the project's whole window; 0 if a person chose payins or another window
  window_from   text    not null, -- start of the window: payins created at this time or later
  window_to     text    not null, -- end of the window: payins created before this time
  rules         text    not null, -- JSON: the project's settings for judging payins, as they were when the run opened
  started_at    text    not null, -- the time that the run uses for all its payins
  closed_at     text,
  owner_token   text    not null, -- the process that may write to this run
  owner_host    text    not null,
  owner_pid     integer not null,
  owner_process text    not null, -- distinguishes the process from a later one with the same host and pid
  beat_at       text    not null, -- the owner's last heartbeat, by the database's clock
  selected      integer not null default 0, -- number of selected payins, open and rechecked
  unresolved    integer not null default 0, -- number of open payins that left the window
  answered      integer not null default 0, -- number of payins that HighHelp answered; set with decision
  open          integer not null default 0, -- number of these that a correction could change; set with decision
  changes       integer not null default 0, -- number of planned corrections; set with decision
  harmful       integer not null default 0, -- number of planned corrections to decline, error or dispute; set with decision
  harmful_sum   integer not null default 0, -- sum of the merchant's amounts of the harmful corrections, in minor units
  decision      text    not null default '' check (decision in ('', 'applied', 'dry_run', 'held')), -- empty until the run decides
  note          text    not null default '', -- why the run was held; set with decision
  broken        text    not null default ''  -- why the run was interrupted last
) strict;

-- This index guarantees that a project has one running run at most. Other checks only give a clearer error.
create unique index hhrecon_run_one_running on hhrecon_run (project_id) where state = 'running';
