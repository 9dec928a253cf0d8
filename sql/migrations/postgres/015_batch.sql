-- +goose Up
-- A queued run is split into batches for any number of workers. Batch 0 is the end of the run: decide, settle, close
-- and report. The other batches are parts of the run's selection. A run without batches belongs to one process.
create table hhrecon_batch (
  run_id    bigint      not null references hhrecon_run (id) on delete cascade,
  number    bigint      not null,
  after_seq bigint      not null,
  to_seq    bigint      not null,
  state     text        not null check (state in ('later', 'queued', 'working', 'done')),
  worker    text        not null default '',
  claim     text        not null default '',
  attempt   bigint      not null default 0,
  job_id    bigint,
  beat_at   timestamptz not null,
  primary key (run_id, number)
);

create index hhrecon_batch_unended on hhrecon_batch (run_id, number) where state in ('queued', 'working');

-- Heartbeats update each row often. Because of the free space, PostgreSQL can store the new row on the same page.
alter table hhrecon_batch set (fillfactor = 50);

comment on table  hhrecon_batch           is 'The batches of queued runs. This table holds their state; River''s jobs only signal that there is work.';
comment on column hhrecon_batch.number    is 'from 1; 0 is the run''s end';
comment on column hhrecon_batch.after_seq is 'the batch contains the selection''s payins after this position';
comment on column hhrecon_batch.to_seq    is 'the batch contains the selection''s payins up to and including this position';
comment on column hhrecon_batch.state     is 'later: waits until all others are done; queued; working; done';
comment on column hhrecon_batch.worker    is 'host and process that works on the batch, or that ended it';
comment on column hhrecon_batch.claim     is 'unique for each claim: its holder may send heartbeats and end the batch';
comment on column hhrecon_batch.attempt   is 'number of claims; a claim that a stopped worker released does not count';
comment on column hhrecon_batch.job_id    is 'its last job in River''s table';
comment on column hhrecon_batch.beat_at   is 'the worker''s last heartbeat, or when the batch was queued, by the database''s clock';

create table hhrecon_rate (
  project_id text        primary key,
  next_at    timestamptz not null
);

alter table hhrecon_rate set (fillfactor = 10);

comment on table  hhrecon_rate         is 'The rate limit of each project, shared by all workers.';
comment on column hhrecon_rate.next_at is 'the first time that is not reserved for a request, by the database''s clock';
