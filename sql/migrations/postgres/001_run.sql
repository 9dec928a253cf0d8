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

-- This index is what keeps two runs of one project apart; everything else only says so more kindly.
create unique index hhrecon_run_one_running on hhrecon_run (project_id) where state = 'running';

comment on table  hhrecon_run               is 'One pass over one project''s open payins.';
comment on column hhrecon_run.state         is 'running, interrupted (broke off, can be resumed), complete, held (nothing was corrected); released or discarded: was held, and a person had the corrections written or dropped';
comment on column hhrecon_run.dry_run       is 'findings are kept, no row is corrected';
comment on column hhrecon_run.whole         is 'the project''s own window; false for named payins or a window given by hand';
comment on column hhrecon_run.window_from   is 'payins created at or after this …';
comment on column hhrecon_run.window_to     is '… and before this were selected';
comment on column hhrecon_run.rules         is 'the project''s settings that its payins are judged by, as they were when it was opened; JSON';
comment on column hhrecon_run.started_at    is 'the run''s moment, for all its payins';
comment on column hhrecon_run.owner_token   is 'the process that may write to this run';
comment on column hhrecon_run.owner_process is 'tells the process from a later one with the same host and pid';
comment on column hhrecon_run.beat_at       is 'the owner''s last sign of life, by the database''s clock';
comment on column hhrecon_run.selected      is 'payins selected, open and rechecked';
comment on column hhrecon_run.unresolved    is 'open payins that left the window';
comment on column hhrecon_run.answered      is 'payins that HighHelp answered, whatever it said; set with decision';
comment on column hhrecon_run.open          is 'those of them that a correction could change: an open row, and an answer to go by; set with decision';
comment on column hhrecon_run.changes       is 'corrections called for; set with decision';
comment on column hhrecon_run.harmful       is 'those into decline, error or dispute; set with decision';
comment on column hhrecon_run.harmful_sum   is 'merchant amounts of the harmful ones, minor units; set with decision';
comment on column hhrecon_run.decision      is 'what becomes of the corrections: applied, dry_run or held; empty until the run is weighed';
comment on column hhrecon_run.note          is 'why it was held; set with decision';
comment on column hhrecon_run.broken        is 'why it broke off last';
