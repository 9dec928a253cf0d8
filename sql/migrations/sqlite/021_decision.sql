-- +goose Up
-- Who acts on a project by hand: a release, a discard, an undo or a decision. No run of the project begins meanwhile, and
-- none of these begins during a run.
create table hhrecon_project_lock (
  project_id    text    primary key,
  token         text    not null default '', -- the process that may act; empty: none
  kind          text    not null default '', -- release, discard, undo or decide
  run_id        integer not null default 0,  -- the run that it is about
  owner_host    text    not null default '',
  owner_pid     integer not null default 0,
  owner_process text    not null default '', -- tells the process from a later one with the same host and pid
  started_at    text    not null,
  beat_at       text    not null             -- the owner's last heartbeat, by the database's clock
) strict;

-- A decision can be undone, and the payin decided once more. What keeps one decision from being made twice is the lock on
-- the finding's run.
drop index hhrecon_action_once;
create unique index hhrecon_action_once on hhrecon_action (run_id, seq, kind)
  where kind = 'release' or kind = 'undo' and result in ('none', 'applied');

-- The decisions about a payin, and the actions that rest on an answer, which is kept as long as there is one.
create index hhrecon_action_decision on hhrecon_action (project_id, payment_id) where kind = 'decide';
create index hhrecon_action_digest on hhrecon_action (project_id, answer_digest) where answer_digest is not null;
