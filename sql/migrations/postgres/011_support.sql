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

-- The latest mark on a payin.
create index hhrecon_support_payin on hhrecon_support (project_id, payment_id, id);

comment on table  hhrecon_support       is 'How far people are with asking HighHelp''s support about payins; the latest mark on a payin counts.';
comment on column hhrecon_support.word  is 'what HighHelp said of the payin when it was marked: the mark is about that, and once HighHelp says something else the payin is new again';
comment on column hhrecon_support.state is 'new: to be asked again; sent: support was asked; answered: it answered; settled: nothing more to ask';
