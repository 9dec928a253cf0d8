-- +goose Up
-- One pass over one project's open payins. Times are UTC text of fixed width, so that they sort.
create table hhrecon_run (
  id            integer primary key autoincrement,
  project_id    text    not null,
  state         text    not null check (state in ('running', 'interrupted', 'complete', 'held', 'released', 'discarded')),
  dry_run       integer not null, -- findings are kept, no row is corrected
  whole         integer not null, -- the project's own window; 0 for named payins or a window given by hand
  window_from   text    not null, -- payins created at or after this …
  window_to     text    not null, -- … and before this were selected
  rules         text    not null, -- the project's settings that its payins are judged by, as they were when it was opened; JSON
  started_at    text    not null, -- the run's moment, for all its payins
  closed_at     text,
  owner_token   text    not null, -- the process that may write to this run
  owner_host    text    not null,
  owner_pid     integer not null,
  owner_process text    not null, -- tells the process from a later one with the same host and pid
  beat_at       text    not null, -- the owner's last sign of life, by the database's clock
  selected      integer not null default 0, -- payins selected, open and rechecked
  unresolved    integer not null default 0, -- open payins that left the window
  answered      integer not null default 0, -- payins that HighHelp answered; set with decision
  open          integer not null default 0, -- those of them that a correction could change; set with decision
  changes       integer not null default 0, -- corrections called for; set with decision
  harmful       integer not null default 0, -- those into decline, error or dispute; set with decision
  harmful_sum   integer not null default 0, -- merchant amounts of the harmful ones, minor units
  decision      text    not null default '' check (decision in ('', 'applied', 'dry_run', 'held')), -- empty until weighed
  note          text    not null default '', -- why it was held; set with decision
  broken        text    not null default ''  -- why it broke off last
) strict;

-- This index is what keeps two runs of one project apart; everything else only says so more kindly.
create unique index hhrecon_run_one_running on hhrecon_run (project_id) where state = 'running';
