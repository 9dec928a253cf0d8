-- +goose Up
-- How far people are with asking HighHelp's support about payins; the latest mark on a payin counts.
create table hhrecon_support (
  id         integer primary key,
  project_id text    not null,
  payment_id text    not null,
  word       text    not null, -- what HighHelp said of the payin when it was marked: the mark is about that, and once HighHelp says something else the payin is new again
  state      text    not null check (state in ('new', 'sent', 'answered', 'settled')),
  who        text    not null,
  note       text    not null,
  marked_at  text    not null
) strict;

-- The latest mark on a payin.
create index hhrecon_support_payin on hhrecon_support (project_id, payment_id, id);
