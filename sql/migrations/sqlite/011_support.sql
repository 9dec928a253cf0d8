-- +goose Up
-- The state of questions to HighHelp's support about payins. The latest row of a payin counts.
create table hhrecon_support (
  id         integer primary key,
  project_id text    not null,
  payment_id text    not null,
  word       text    not null, -- what HighHelp answered about the payin at that time. When the answer changes, the payin counts as new again
  state      text    not null check (state in ('new', 'sent', 'answered', 'settled')),
  who        text    not null,
  note       text    not null,
  marked_at  text    not null
) strict;

-- Finds the latest row of a payin.
create index hhrecon_support_payin on hhrecon_support (project_id, payment_id, id);
