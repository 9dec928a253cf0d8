-- +goose Up
-- This table contains the scheduled times of jobs. A row determines which process runs the job, and that the job runs
-- once.
create table hhrecon_due (
  job           text    not null,
  due_at        text    not null,
  state         text    not null check (state in ('claimed', 'done', 'failed', 'skipped')), -- claimed: the owner runs the job; skipped: no process ran it
  owner_token   text    not null, -- the process that may end the job
  owner_host    text    not null,
  owner_pid     integer not null,
  owner_process text    not null, -- distinguishes the process from a later one with the same host and pid
  beat_at       text    not null, -- the owner's last heartbeat, by the database's clock
  note          text    not null default '', -- why the job failed or was skipped
  primary key (job, due_at)
) strict;

create index hhrecon_due_claimed on hhrecon_due (due_at) where state = 'claimed';
