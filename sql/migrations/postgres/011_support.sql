-- +goose Up
create table hhrecon_support (
  id         bigint generated always as identity primary key,
  project_id text        not null,
  payment_id text        not null,
  word       text        not null,
  state      text        not null check (state in ('new', 'sent', 'answered', 'settled')),
  who        text        not null,
  note       text        not null,
  marked_at  timestamptz not null
);

-- This index is for looking up the latest row of a payin.
create index hhrecon_support_payin on hhrecon_support (project_id, payment_id, id);

comment on table  hhrecon_support       is 'The state of questions to HighHelp''s support about payins. The latest row of a payin counts.';
comment on column hhrecon_support.word  is 'what HighHelp answered about the payin at that time. When the answer changes, the payin counts as new again';
comment on column hhrecon_support.state is 'new: to be asked again; sent: support was asked; answered: support answered; settled: no more questions';
