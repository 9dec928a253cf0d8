-- +goose Up
-- The due times of the jobs. The row decides who carries one out, and that it is carried out once.
create table hhrecon_due (
  job           text    not null,
  due_at        text    not null,
  state         text    not null check (state in ('claimed', 'done', 'failed', 'skipped')), -- claimed: its owner works on it; skipped: nobody carried it out
  owner_token   text    not null, -- the process that may end it
  owner_host    text    not null,
  owner_pid     integer not null,
  owner_process text    not null, -- tells the process from a later one with the same host and pid
  beat_at       text    not null, -- the owner's last sign of life, by the database's clock
  note          text    not null default '', -- why it failed or was skipped
  primary key (job, due_at)
) strict;

create index hhrecon_due_claimed on hhrecon_due (due_at) where state = 'claimed';
