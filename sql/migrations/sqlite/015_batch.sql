-- +goose Up
-- Only PostgreSQL has queued runs. In SQLite these tables stay empty, because both dialects share statements that use
-- them.
create table hhrecon_batch (
  run_id    integer not null references hhrecon_run (id) on delete cascade,
  number    integer not null,
  after_seq integer not null,
  to_seq    integer not null,
  state     text    not null check (state in ('later', 'queued', 'working', 'done')),
  worker    text    not null default '',
  claim     text    not null default '',
  attempt   integer not null default 0,
  job_id    integer,
  beat_at   text    not null,
  primary key (run_id, number)
) strict;
