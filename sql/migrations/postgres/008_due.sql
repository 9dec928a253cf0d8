-- +goose Up
create table hhrecon_due (
  job           text        not null,
  due_at        timestamptz not null,
  state         text        not null check (state in ('claimed', 'done', 'failed', 'skipped')),
  owner_token   text        not null,
  owner_host    text        not null,
  owner_pid     bigint      not null,
  owner_process text        not null,
  beat_at       timestamptz not null,
  note          text        not null default '',
  primary key (job, due_at)
);

create index hhrecon_due_claimed on hhrecon_due (due_at) where state = 'claimed';

comment on table  hhrecon_due               is 'The scheduled times of jobs. The row decides which process runs the job, and that it runs once.';
comment on column hhrecon_due.state         is 'claimed: the owner runs the job; done; failed: the note says why, and it is not retried; skipped: no process ran the job';
comment on column hhrecon_due.owner_token   is 'the process that may end the job';
comment on column hhrecon_due.owner_process is 'distinguishes the process from a later one with the same host and pid';
comment on column hhrecon_due.beat_at       is 'the owner''s last heartbeat, by the database''s clock';
