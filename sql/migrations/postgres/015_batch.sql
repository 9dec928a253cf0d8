-- +goose Up
-- A run that is queued for any number of workers is worked on in batches: number 0 is the run's end (weigh, settle, close,
-- report), the others are parts of its selection. A run without batches is one process's.
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

-- Every batch's row is written again and again: a beat fits beside the row that it replaces.
alter table hhrecon_batch set (fillfactor = 50);

comment on table  hhrecon_batch           is 'The batches of runs that are queued for any number of workers; hhrecon''s own record of them, River''s jobs only say that there is work.';
comment on column hhrecon_batch.number    is 'from 1; 0 is the run''s end';
comment on column hhrecon_batch.after_seq is 'the batch has the selection''s payins after this place …';
comment on column hhrecon_batch.to_seq    is '… up to and with this one';
comment on column hhrecon_batch.state     is 'later: not before all others are done; queued; working; done';
comment on column hhrecon_batch.worker    is 'host and process that works on it, or that ended it';
comment on column hhrecon_batch.claim     is 'unlike that of any other claim, ever: who has it may beat and end the batch';
comment on column hhrecon_batch.attempt   is 'how often it was claimed; given back by a worker that was stopped, it does not count';
comment on column hhrecon_batch.job_id    is 'its last job in River''s table';
comment on column hhrecon_batch.beat_at   is 'the worker''s last sign of life, or when it was queued, by the database''s clock';

create table hhrecon_rate (
  project_id text        primary key,
  next_at    timestamptz not null
);

alter table hhrecon_rate set (fillfactor = 10);

comment on table  hhrecon_rate         is 'The rate of each project, shared by all workers.';
comment on column hhrecon_rate.next_at is 'the first moment that is not reserved for a request, by the database''s clock';
