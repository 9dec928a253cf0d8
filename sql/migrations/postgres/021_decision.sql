-- +goose Up
-- This table contains the lock of each project. A person who releases, discards, undoes or decides holds the lock. No
-- run of the project starts meanwhile, and no such action starts during a run. An empty token means that the lock is
-- free.
create table hhrecon_project_lock (
  project_id    text        primary key,
  token         text        not null default '',
  kind          text        not null default '',
  run_id        bigint      not null default 0,
  owner_host    text        not null default '',
  owner_pid     bigint      not null default 0,
  owner_process text        not null default '',
  started_at    timestamptz not null,
  beat_at       timestamptz not null
);
comment on table  hhrecon_project_lock               is 'The lock of each project while a person acts on it: no run starts meanwhile.';
comment on column hhrecon_project_lock.token         is 'the process that may act; empty: none';
comment on column hhrecon_project_lock.kind          is 'release, discard, undo or decide';
comment on column hhrecon_project_lock.run_id        is 'the run that the action is about';
comment on column hhrecon_project_lock.owner_process is 'distinguishes the process from a later one with the same host and pid';
comment on column hhrecon_project_lock.beat_at       is 'the owner''s last heartbeat, by the database''s clock';

-- A decision can be undone, and the payin can be decided again. The lock on the finding's run prevents a second
-- decision.
drop index hhrecon_action_once;
create unique index hhrecon_action_once on hhrecon_action (run_id, seq, kind)
  where kind = 'release' or kind = 'undo' and result in ('none', 'applied');

-- These indexes are for looking up decisions by payin, and actions by answer, because an answer is kept while an action
-- refers to it.
create index hhrecon_action_decision on hhrecon_action (project_id, payment_id) where kind = 'decide';
create index hhrecon_action_digest on hhrecon_action (project_id, answer_digest) where answer_digest is not null;
