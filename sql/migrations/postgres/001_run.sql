-- +goose Up
create table hhrecon_run (
  id            bigint generated always as identity primary key,
  project_id    text        not null,
  state         text        not null check (state in ('running', 'interrupted', 'complete', 'held', 'released', 'discarded')),
  dry_run       boolean     not null,
  whole         boolean     not null,
  window_from   timestamptz not null,
  window_to     timestamptz not null,
  rules         text        not null,
  started_at    timestamptz not null,
  closed_at     timestamptz,
  owner_token   text        not null,
  owner_host    text        not null,
  owner_pid     bigint      not null,
  owner_process text        not null,
  beat_at       timestamptz not null,
  selected      bigint      not null default 0,
  unresolved    bigint      not null default 0,
  answered      bigint      not null default 0,
  open          bigint      not null default 0,
  changes       bigint      not null default 0,
  harmful       bigint      not null default 0,
  harmful_sum   bigint      not null default 0,
  decision      text        not null default '' check (decision in ('', 'applied', 'dry_run', 'held')),
  note          text        not null default '',
  broken        text        not null default ''
);

-- This index guarantees that a project has at most one running run. Other checks only return a clearer error.
create unique index hhrecon_run_one_running on hhrecon_run (project_id) where state = 'running';

comment on table  hhrecon_run               is 'A run: one check of a project''s open payins.';
comment on column hhrecon_run.state         is 'running; interrupted: can be resumed; complete; held: corrections wait for a person; released or discarded: a person had the held corrections written or dropped';
comment on column hhrecon_run.dry_run       is 'findings are saved, but no row is corrected';
comment on column hhrecon_run.whole         is 'the run covers the project''s whole window; false if a person chose payins or another window';
comment on column hhrecon_run.window_from   is 'start of the window: payins created at this time or later';
comment on column hhrecon_run.window_to     is 'end of the window: payins created before this time';
comment on column hhrecon_run.rules         is 'JSON: the project''s settings for judging payins, as they were when the run opened';
comment on column hhrecon_run.started_at    is 'the time that the run uses for all its payins';
comment on column hhrecon_run.owner_token   is 'the process that may write to this run';
comment on column hhrecon_run.owner_process is 'distinguishes the process from a later one with the same host and pid';
comment on column hhrecon_run.beat_at       is 'the owner''s last heartbeat, by the database''s clock';
comment on column hhrecon_run.selected      is 'number of selected payins, open and rechecked';
comment on column hhrecon_run.unresolved    is 'number of open payins that left the window';
comment on column hhrecon_run.answered      is 'number of payins that HighHelp answered; set with decision';
comment on column hhrecon_run.open          is 'number of these that a correction could change: the row is open, and the answer can be trusted; set with decision';
comment on column hhrecon_run.changes       is 'number of planned corrections; set with decision';
comment on column hhrecon_run.harmful       is 'number of planned corrections to decline, error or dispute; set with decision';
comment on column hhrecon_run.harmful_sum   is 'sum of the merchant''s amounts of the harmful corrections, in minor units; set with decision';
comment on column hhrecon_run.decision      is 'what happens to the corrections: applied, dry_run or held; empty until the run decides';
comment on column hhrecon_run.note          is 'why the run was held; set with decision';
comment on column hhrecon_run.broken        is 'why the run was interrupted last';
